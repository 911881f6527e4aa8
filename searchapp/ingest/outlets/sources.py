"""Reading the source lines of a page: the outlet, and the agencies that it took the text from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Final

from searchapp.frozen import dataclass
from searchapp.ingest.outlets.table import OutletTable, agency_names, default_outlets, key_of
from searchapp.ingest.text import trim
from searchapp.model import Article

_NO_NAMES: Final = (
    "وكالات|الوكالات|وكالات الأنباء|وكالات أنباء|وكالات دولية|وكالات عالمية|وكالات محلية|وكالات ومواقع|مواقع ووكالات"
    "|وكالات وصحف|صحف ووكالات|وكالات ومتابعات|متابعات|agencies|news agencies|wires"
)
_AND: Final = re.compile(r"\s*[+/،,؛;|&()\[\]]\s*|\s*[-–—]\s*|\s+و\s*")
"""What parts the names in one source line; only where one of them is an agency's («الجزيرة + وكالات»)."""

_NO_SOURCE: Final = "خاص|خاصة|خاص بالموقع|ترجمة|ترجمات|تقرير|تقارير|عواصم|العواصم|عواصم العالم"
"""What stands beside an agency and is nobody's name."""

_PLACES: Final = (
    "الرياض|جدة|مكة|مكة المكرمة|المدينة|المدينة المنورة|الدمام|أبوظبي|أبو ظبي|دبي|الشارقة|الدوحة|المنامة|مسقط|الكويت"
    "|صنعاء|عدن|بغداد|أربيل|البصرة|دمشق|حلب|بيروت|عمان|القدس|القدس المحتلة|غزة|رام الله|القاهرة|الإسكندرية|الخرطوم"
    "|طرابلس|بنغازي|تونس|الجزائر|الرباط|الدار البيضاء|نواكشوط|مقديشو|جيبوتي|أنقرة|إسطنبول|اسطنبول|طهران|تل أبيب"
    "|واشنطن|نيويورك|لندن|باريس|موسكو|برلين|بروكسل|جنيف|فيينا|روما|مدريد|أثينا|كييف|بكين|طوكيو|نيودلهي|إسلام آباد|كابول"
)
"""Where an agency reports from («القاهرة - أ ش أ»); some are names of outlets, too."""

_DATELINE: Final = re.compile(r"[^()\n]{0,40}\(\s*([^()\n]{1,40}?)\s*\)\s*(?:[-–—ـ:]|\n|$)")
"""Without a dash behind it, what stands in brackets is a name in a sentence, or a month («أغسطس (آب) المقبل»)."""
_LONGEST_LINE: Final = 200


@dataclass(frozen=True, slots=True)
class SourceNames:
    """The outlet as we call it and as the page says it, and the agencies as the page says them."""

    outlet: str | None
    outlet_raw: str | None
    agency: str | None


def read_sources(sources: Sequence[str], url: str | None, table: OutletTable) -> SourceNames:
    """Tell the outlet from the agencies in a page's source lines, in their order.

    The last line is the outlet unless it names an agency and another does not; the others are agencies, joined by an
    Arabic comma. A lone agency is the outlet, for agencies publish too, unless the address is that of an outlet. What
    only says "agencies" is never an outlet. Agencies that stand side by side are kept as they are printed, «وكالات -
    رويترز»; a place beside them is none.
    """
    told = [_apart(line) for line in sources]
    if len(told) == 1 and told[0][0] and not told[0][1] and not is_agency(told[0][0]):
        return SourceNames(table.outlet_of(told[0][0], url), sources[0], None)  # as nearly always
    named = [at for at, (name, _) in enumerate(told) if name]
    outlets = [at for at in named if not is_agency(told[at][0] or "")]
    chosen = (outlets or named or [-1])[-1]
    raw, own = (sources[chosen], told[chosen][0]) if named else (None, None)
    outlet = _outlet(raw, url, table)
    agencies: dict[str, str] = {}
    for at, (name, others) in enumerate(told):
        is_outlet = name and key_of(name) == key_of(own or "") and (at != chosen or _is_same(name, outlet, table))
        is_agency_too = name and not is_outlet and not (others and _is_place(name))
        own_agencies = (name, *others) if name and is_agency_too else others
        _add_agencies(agencies, sources[at], own_agencies)
    return SourceNames(outlet, raw, "، ".join(filter(None, agencies.values())) or None)


def _add_agencies(agencies: dict[str, str], line: str, names: Sequence[str]) -> None:
    """Add the names in one source line to those in the lines above, together where nothing parts them."""
    ordered = sorted(names, key=line.find)
    keys = list(map(key_of, ordered))
    if len(ordered) > 1 and agencies.keys().isdisjoint(keys) and len(set(keys)) == len(keys):
        printed = line[line.find(ordered[0]) : line.rfind(ordered[-1]) + len(ordered[-1])]
        between = printed.removeprefix(ordered[0]).removesuffix(ordered[-1])
        for name in ordered[1:-1]:
            between = between.replace(name, "", 1)
        if not _AND.sub("", between):
            closed = ")" * (printed.count("(") - printed.count(")"))
            agencies |= {keys[0]: printed + closed} | dict.fromkeys(keys[1:], "")
            return
    for key, name in zip(keys, ordered, strict=True):
        agencies.setdefault(key, name)


def renamed(article: Article, table: OutletTable) -> Article:
    """Return an article with its outlet as a table names it, from what its page says and its address."""
    outlet = _outlet(article.outlet_raw, article.url, table)
    return article if outlet == article.outlet else replace(article, outlet=outlet)


def _outlet(raw: str | None, url: str | None, table: OutletTable) -> str | None:
    """The outlet that a source line and an address name; an agency gives way to an address that is known."""
    name = _apart(raw)[0] if raw else None
    if name and not is_agency(name):
        return table.outlet_of(name, url)
    return table.outlet_at(url) or table.outlet_of(name, None)


def _is_same(name: str, outlet: str | None, table: OutletTable) -> bool:
    """Whether an outlet is the one of this name: an agency beside the outlet of the address is not."""
    return not is_agency(name) or table.outlet_of(name, None) == outlet


@lru_cache(maxsize=4096)
def _apart(line: str) -> tuple[str | None, tuple[str, ...]]:
    """The name in one source line, an outlet's if there is one, and the agencies beside it."""
    if is_agency(line) or len(line) > _LONGEST_LINE:
        return (None, (line,)) if _is_nameless(line) else (line, ())
    parts = [part for part in map(trim, _AND.split(line)) if part]
    agencies = tuple(part for part in parts if is_agency(part))
    outlets = [part for part in parts if not is_agency(part) and not _names_nobody(part)]
    if not agencies:
        return line, ()
    if outlets:
        from_first = line[line.find(outlets[0]) : line.rfind(outlets[-1]) + len(outlets[-1])]
        return (outlets[0] if any(agency in from_first for agency in agencies) else from_first), agencies
    name = next((agency for agency in reversed(agencies) if not _is_nameless(agency)), None)
    return name, tuple(agency for agency in agencies if agency != name)


def names_agency(line: str) -> bool:
    """Whether a source line names an agency, or only says "agencies"."""
    name, agencies = _apart(line)
    return bool(agencies) or is_agency(name or "")


def agency_in_lead(lead: str) -> str | None:
    """Return the agency that a lead's dateline names in brackets («القاهرة (رويترز) - »), if any."""
    found = _DATELINE.match(lead) if "(" in lead[:42] else None
    return found[1] if found and is_agency(found[1]) and not _is_nameless(found[1]) else None


@lru_cache(maxsize=4096)
def is_agency(name: str) -> bool:
    """Whether a name is an agency's, or only says "agencies"."""
    return key_of(name) in _agency_keys()


def _names_nobody(name: str) -> bool:
    """Whether what stands beside an agency is no outlet: a place, or what sort of report it is."""
    key = key_of(name)
    return key in _no_source_keys() or (key in _place_keys() and not default_outlets().is_known(name))


def _is_place(name: str) -> bool:
    return key_of(name) in _place_keys()


def _is_nameless(name: str) -> bool:
    return key_of(name) in _nameless_keys()


@cache
def _agency_keys() -> frozenset[str]:
    return frozenset(_all_agency_keys())


@cache
def _nameless_keys() -> frozenset[str]:
    return frozenset(map(key_of, _NO_NAMES.split("|")))


@cache
def _no_source_keys() -> frozenset[str]:
    return frozenset(map(key_of, _NO_SOURCE.split("|")))


@cache
def _place_keys() -> frozenset[str]:
    return frozenset(map(key_of, _PLACES.split("|")))


def _all_agency_keys() -> Iterator[str]:
    yield from _nameless_keys()
    for names in agency_names():
        yield from map(key_of, names)
