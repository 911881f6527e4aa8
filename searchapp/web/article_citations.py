"""An article as a source to be cited: as text, and in the formats that reference managers read.

RIS is written as the Research Information Systems format specification of 2001 has it, BibTeX in UTF-8 as BibLaTeX and
every reference manager take it. A date stands only where one is known, and a note says where it comes from.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from searchapp.frozen import dataclass
from searchapp.model import Article
from searchapp.web.presentation import DATE_ORIGINS

_SPACE: Final = re.compile(r"[\s\x00-\x1f\x7f]+")
_BIBTEX_SPECIAL: Final = re.compile(r"[\\{}%&#$_~^]")
_BIBTEX_ESCAPES: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_URL_SPECIAL: Final = re.compile(r"[\\{}%\s]")


@dataclass(frozen=True, slots=True)
class Citation:
    """What is cited. `address` is the article's at its outlet if it has one, else its page here; `page` is the latter.

    `note` says what is not as the outlet published it, in English, which is what reference managers are written in.
    """

    title: str
    outlet: str | None
    agency: str | None
    day: date | None
    address: str
    page: str
    language: str
    note: str
    id: str

    @classmethod
    def of(cls, article: Article, page: str, source: str | None) -> Citation:
        """The citation of an article; `page` is its absolute address here, `source` the one at its outlet."""
        return cls(
            title=_one_line(article.title or ""),
            outlet=_one_line(article.outlet or "") or None,
            agency=_one_line(article.agency or "") or None,
            day=article.date,
            address=source or page,
            page=page,
            language=article.language,
            note=" ".join(_notes(article)),
            id=article.id,
        )


def _notes(article: Article) -> Iterator[str]:
    if article.title and article.title_inferred:
        yield "The title was inferred from the text."
    if article.date is None:
        yield "Undated."
    elif article.date_origin != "declared":
        yield f"{DATE_ORIGINS[article.date_origin].capitalize()}."


def ris(citation: Citation) -> str:
    """One record; every tag is two letters, two spaces, a hyphen and a space, lines end in CRLF."""
    day = citation.day
    fields = (
        ("TY", "NEWS"),
        ("TI", citation.title),
        ("AU", citation.agency),
        ("T2", citation.outlet),
        ("PY", f"{day.year:04}" if day else None),
        ("DA", f"{day.year:04}/{day.month:02}/{day.day:02}/" if day else None),
        ("LA", citation.language),
        ("UR", citation.address),
        ("L2", citation.page if citation.page != citation.address else None),
        ("N1", citation.note),
        ("ID", _one_line(citation.id)),
    )
    written = [f"{tag}  - {value}" for tag, value in fields if value]
    return "\r\n".join([*written, "ER  - ", ""])


def bibtex(citation: Citation) -> str:
    """One entry. The title is in two pairs of braces, so that no style changes the case of Latin letters in it."""
    day = citation.day
    fields = (
        ("title", f"{{{_escaped(citation.title)}}}" if citation.title else None),
        ("author", f"{{{_escaped(citation.agency)}}}" if citation.agency else None),
        ("journal", _escaped(citation.outlet or "") or None),
        ("date", day.isoformat() if day else None),
        ("year", f"{day.year:04}" if day else None),
        ("month", str(day.month) if day else None),
        ("url", _URL_SPECIAL.sub(_percent_encoded, citation.address)),
        ("langid", "arabic" if citation.language == "ar" else citation.language),
        ("note", _escaped(citation.note) or None),
    )
    lines = [f"  {name} = {{{value}}}," for name, value in fields if value]
    return "\n".join([f"@article{{{key(citation)},", *lines, "}", ""])


def key(citation: Citation) -> str:
    """A name for the entry in ASCII letters and digits: the same for the same article, another for every other."""
    digest = hashlib.sha256(citation.id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"news{citation.day.year if citation.day else ''}-{digest}"


def _one_line(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _escaped(text: str) -> str:
    return _BIBTEX_SPECIAL.sub(lambda found: _BIBTEX_ESCAPES.get(found.group(), f"\\{found.group()}"), text)


def _percent_encoded(found: re.Match[str]) -> str:
    """A brace or backslash would end the field; a percent sign is one already and stays, escaped as TeX wants it."""
    character = found.group()
    return r"\%" if character == "%" else "".join(f"\\%{byte:02X}" for byte in character.encode())


FORMS: Final = {
    "ris": ("application/x-research-info-systems", ris),
    "bib": ("application/x-bibtex", bibtex),
}
"""Media type and writer of each format, by the ending of its files."""
