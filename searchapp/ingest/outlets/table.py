"""The table of outlets: their names, other names, codes and domains; the one we have and what a user adds to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from searchapp.errors import UsageError
from searchapp.frozen import dataclass
from searchapp.ingest.text import fold, trim

OUTLETS_FILE_NAME: Final = "outlets.tsv"
"""The name of a user's own table in the data directory."""

_OUTLETS: Final = Path(__file__).with_name("outlets.tsv")
_AGENCIES: Final = Path(__file__).with_name("agencies.txt")
_DOMAIN: Final = re.compile(
    r"(?:https?://)?((?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]+)\.?(?::\d+)?(/[^/?#\s]*)?[^\s]*", re.I | re.A
)
LONGEST_ADDRESS: Final = 500
"""Characters of a source that may be an address."""

_BESIDE_NAMES: Final = re.compile(r"[\W_]+")
_KIND: Final = re.compile(r"(?:صحيفه|جريده|موقع|قناه|شبكه|بوابه|مجله|وكاله|تلفزيون|فضائيه|اذاعه|راديو) ")
_EDITION: Final = re.compile(r" (?:الالكترونيه|الالكتروني|اونلاين|اون لاين)$")


@dataclass(frozen=True, slots=True)
class OutletTable:
    """Which outlets bear a name, and whose a domain is.

    `names` maps a name's key (`key_of`) to the outlets that bear it, `own_names` to the outlet of which it is the name
    that we show; `domains` maps a domain, or a domain and the first part of a path, to an outlet.
    """

    names: Mapping[str, tuple[str, ...]]
    own_names: Mapping[str, str]
    domains: Mapping[str, str]

    def outlet_of(self, raw: str | None, url: str | None) -> str | None:
        """Return the outlet of an article, as its page names it and by its address; None where neither says one.

        A name that several outlets bear is decided by the address, and otherwise is that of the outlet that we show
        under it. What the table does not know keeps its own name, unless the address is known; a domain is named
        without the rest of its address.
        """
        if not raw:
            return self.outlet_at(url)
        if len(raw) <= LONGEST_ADDRESS and (address := _DOMAIN.fullmatch(raw)):
            return self.outlet_at(raw) or address[1].lower().removeprefix("www.")
        for known in keys_of(raw):
            bearers = self.names.get(known, ())
            if len(bearers) > 1:
                at = self.outlet_at(url)
                return at if at in bearers else self.own_names.get(known, _tidy(raw))
            if bearers:
                return bearers[0]
        return self.outlet_at(url) or _tidy(raw)

    def is_known(self, raw: str) -> bool:
        """Whether an outlet bears this name."""
        return any(key in self.names for key in keys_of(raw))

    def outlet_at(self, url: str | None) -> str | None:
        """Return the outlet that an address belongs to, None where the table does not know it."""
        address = _DOMAIN.match(url) if url else None
        if address is None:
            return None
        host, path = address[1].lower(), (address[2] or "").lower()
        labels = host.split(".")
        for at in range(len(labels) - 1):
            domain = ".".join(labels[at:])
            outlet = self.domains.get(domain + path) or self.domains.get(domain)
            if outlet:
                return outlet
        return None

    def extended(self, path: Path) -> OutletTable:
        """Return a table with the lines of a user's file; what the file says of a name or domain counts alone.

        Raises:
            UsageError: the file cannot be read, or a line of it has no name, or gives one name to two outlets; the
                message names the file and the line.
        """
        own: dict[str, str] = {}
        names: dict[str, str] = {}
        domains: dict[str, str] = {}
        for number, outlet, alias in _user_lines(path):
            domain = _as_domain(alias)
            known, key = (domains, domain) if domain else (names, key_of(alias))
            if known.setdefault(key, outlet) != outlet:
                raise UsageError(
                    f"{path}, line {number}: «{alias}» is a name of «{known[key]}» already; keep it with one of the two"
                )
            own[key_of(outlet)] = outlet
        return OutletTable(
            {**self.names, **{key: (outlet,) for key, outlet in names.items()}},
            {**self.own_names, **own},
            {**self.domains, **domains},
        )


@lru_cache(maxsize=4096)
def keys_of(name: str) -> tuple[str, ...]:
    """Return what a name is looked up by.

    That is its key, then that without a word such as «صحيفة» before it, then that without «الإلكترونية» behind it too.
    """
    folded = fold(name).lower()
    bare = _KIND.sub("", folded, count=1)
    return _key(folded), _key(bare), _key(_EDITION.sub("", bare))


def key_of(name: str) -> str:
    """Return a name folded, in lower case, and without blanks, stops and brackets: «أ.ف.ب» and «أ ف ب» are one."""
    return keys_of(name)[0]


def _key(folded: str) -> str:
    return _BESIDE_NAMES.sub("", folded)


def _tidy(name: str) -> str:
    return " ".join(trim(name).split())


def _as_domain(alias: str) -> str | None:
    """A domain, with the first part of a path if it has one, in lower case; None for any other name."""
    found = _DOMAIN.fullmatch(alias)
    return found[1].lower().removeprefix("www.") + (found[2] or "").lower().rstrip("/") if found else None


@cache
def default_outlets() -> OutletTable:
    """Return the table that comes with the program."""
    names: dict[str, list[str]] = {}
    own: dict[str, str] = {}
    domains: dict[str, str] = {}
    for _, outlet, alias in _lines(_OUTLETS.read_text(encoding="utf-8")):
        own[key_of(outlet)] = outlet
        if domain := _as_domain(alias):
            domains[domain] = outlet
        elif outlet not in names.setdefault(key_of(alias), []):
            names[key_of(alias)].append(outlet)
    for agency, *others in agency_names():
        outlet = next((names[key][0] for key in map(key_of, (agency, *others)) if key in names), agency)
        for name in (agency, *others):
            names.setdefault(key_of(name), [outlet])
    return OutletTable({key: tuple(outlets) for key, outlets in names.items()}, own, domains)


@cache
def agency_names() -> tuple[tuple[str, ...], ...]:
    """Return the names of each news agency."""
    lines = _AGENCIES.read_text(encoding="utf-8").splitlines()
    return tuple(tuple(line.split(" | ")) for line in lines if not line.startswith("#"))


def load_outlets(directory: Path | None = None) -> OutletTable:
    """Return our table, extended by the one in a data directory, if there is one.

    Raises:
        UsageError: as `OutletTable.extended`.
    """
    path = directory / OUTLETS_FILE_NAME if directory else None
    return default_outlets().extended(path) if path and path.is_file() else default_outlets()


def _user_lines(path: Path) -> Iterator[tuple[int, str, str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        broken = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}, line {broken}: not UTF-8; save the file as UTF-8") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#") and not key_of(line.partition("\t")[0]):
            raise UsageError(f"{path}, line {number}: no name before the first tab; write NAME, a tab, ALIAS …")
    yield from _lines(text)


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Number of the line, outlet and one of its names, the first of them its own; comments and blank lines left out."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            names = [name for name in map(_tidy, line.split("\t")) if name]
            for name in names:
                yield number, names[0], name
