"""What records call the fields of an article, and reading those fields out of a record."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from searchapp.errors import RejectedInput, UsageError
from searchapp.ingest.text import fold, trim, unescaped

_KNOWN_NAMES: Final[dict[str, str]] = {
    # The names that crawlers, public corpora and editorial systems use, best first.
    "id": "id|article id|guid|uuid|doc id|document id|news id|warc record id|المعرف",
    "title": "title|headline|article title|news title|og title|page title|heading|subject|العنوان|عنوان|عنوان الخبر",
    "text": "text|content|body|maintext|article body|article text|article content|full text|plain text|raw content"
    "|raw text|main content|content text|body text|story text|story|article|document|news text"
    "|النص|نص|نص الخبر|المحتوى|المتن|الخبر",
    "html": "html|raw html|page html|html content|content html|body html",
    "source": "source|outlet|publisher|site name|site|source name|news source|newspaper|newspaper name|provider|website"
    "|source domain|domain|hostname|host|المصدر|الصحيفة|الموقع|الناشر",
    "date": "date|published|published at|published date|published time|publish date|publish time|publication date"
    "|date published|date publish|pub date|pub time|article published time|post date|datetime|created at|created"
    "|التاريخ|تاريخ|تاريخ النشر",
    "crawled": "crawled|crawl date|crawl time|crawled at|crawl timestamp|fetched|fetched at|fetch time|fetch date"
    "|timestamp|date download|download date|downloaded at|date extracted|extracted at|scraped at|scrape date"
    "|date scraped|retrieved|retrieved at|warc date|ts",
    "url": "url|link|uri|article url|canonical url|permalink|page url|news url|source url|target uri|warc target uri"
    "|href|u|الرابط|رابط|رابط الخبر",
    "keywords": "keywords|tags|keyword|meta keywords|news keywords|article tag|الكلمات المفتاحية|كلمات مفتاحية"
    "|الكلمات الدلالية|كلمات دلالية|الوسوم|وسوم",
    "language": "language|lang|locale|in language|language code|detected language",
}
_CRAWL_MARKS: Final = frozenset({"dump", "warcfilename", "warcpath", "warcrecordid", "crawlid"})
"""Names that only crawl dumps have; in these «date» is the day of the crawl."""

_CONTAINERS: Final = ("metadata", "meta", "warc_headers", "_source", "attributes")
"""Names of objects in a record that hold fields of the article."""

_NOT_AN_OUTLET: Final = re.compile(
    r"(?:m?c4|oscar|cc|cc-?main|cc-?news|cc-?100|common ?crawl|hplt|fineweb|culturax)(?:[-_ .]?\d[\w.-]*)?",
    re.IGNORECASE,
)
"""Names of corpora, which dumps give as the source of every record."""

_NUMERIC: Final = frozenset({"id", "date", "crawled"})
_MONGO_TYPES: Final = ("$oid", "$date", "$numberLong", "$numberInt", "$uuid")
_UNESCAPED: Final = frozenset({"title", "text", "source", "keywords"})
_SHAPES_KEPT: Final = 1000
_NAMES_TOLD: Final = 12
_LONGEST_NAME: Final = 40


def _plain(name: str) -> str:
    """A name without case, separators and spelling variants: `Published_At` is `publishedAt` and `published at`."""
    return "".join(filter(str.isalnum, fold(name).lower()))


_PLAIN_NAMES: Final = {field: tuple(_plain(name) for name in names.split("|")) for field, names in _KNOWN_NAMES.items()}
_ALL_PLAIN_NAMES: Final = frozenset(name for names in _PLAIN_NAMES.values() for name in names)


def is_known_name(name: str) -> bool:
    """Whether a name is one that a field of an article usually has."""
    return len(name) <= _LONGEST_NAME and _plain(name) in _ALL_PLAIN_NAMES


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """The name that each field of an article has in the records of an input; None stands for all the usual names."""

    id: str | None = None
    title: str | None = None
    text: str | None = None
    html: str | None = None
    source: str | None = None
    date: str | None = None
    crawled: str | None = None
    url: str | None = None
    keywords: str | None = None
    language: str | None = None

    @classmethod
    def parse(cls, text: str) -> FieldMapping:
        """Read `field=name` pairs parted by commas, such as "text=content,id=_id"; the others have their usual names.

        Raises:
            UsageError: A pair has no `=` or no name, or its field is unknown or given twice.
        """
        known = [field.name for field in fields(cls)]
        names: dict[str, str] = {}
        for pair in filter(None, (part.strip() for part in text.split(","))):
            field, _, name = (part.strip() for part in pair.partition("="))
            if field not in known or not name or field in names:
                raise UsageError(
                    f"cannot read {pair!r} in a mapping: give each of {', '.join(known)} once, as field=name"
                )
            names[field] = name
        return cls(**names)


@dataclass(frozen=True, slots=True)
class Shape:
    """How records with the same names are read: for each field its names, best first, and whether one name is binding.

    `problem` says why such records cannot be read, if they cannot.
    """

    names: tuple[tuple[str, tuple[str, ...]], ...]
    containers: tuple[str, ...]
    problem: str | None


class RecordFields:
    """Reads the fields of an article out of the records of one input."""

    def __init__(self, mapping: FieldMapping) -> None:
        self._mapping = mapping
        self._shapes: dict[tuple[str, ...], Shape] = {}

    def shape(self, names: Sequence[str]) -> Shape:
        """How records with these names are read."""
        key = tuple(names)
        shape = self._shapes.get(key)
        if shape is None:
            if len(self._shapes) >= _SHAPES_KEPT:
                self._shapes.clear()
            shape = self._shapes[key] = self._new_shape(key)
        return shape

    def of(self, record: Mapping[str, Any]) -> dict[str, str]:
        """The record's fields under our own names; those that are absent, null or blank are left out.

        Raises:
            RejectedInput: A field is of a kind that it cannot be, or nothing is known as text or title.
        """
        shape = self.shape(tuple(record))
        if shape.containers:
            inner = [record[name] for name in shape.containers if isinstance(record[name], dict)]
            if inner:
                rest = {name: value for name, value in record.items() if name not in shape.containers}
                return self.of({**{name: value for values in inner for name, value in values.items()}, **rest})
        if shape.problem:
            raise RejectedInput(shape.problem)
        found: dict[str, str] = {}
        for field, names in shape.names:
            value = record[names[0]]
            if type(value) is not str or "&" in value or not value[:1].isalnum() or field == "source":
                value = self._value(field, names, record)
            if value:
                found[field] = value
        return found

    def _value(self, field: str, names: tuple[str, ...], record: Mapping[str, Any]) -> str:
        """A field's value, from the first of its names that has one."""
        for name in names:
            value = _as_text(field, record[name])
            if value is None:
                if name == field or name == getattr(self._mapping, field):
                    raise RejectedInput(
                        f"the field {name!r} is {kind_of(record[name])}, which is not what {field} can be"
                    )
                continue
            if field in _UNESCAPED and "&" in value:
                value = unescaped(value)
            if (value[:1].isalnum() or trim(value)) and not (field == "source" and _NOT_AN_OUTLET.fullmatch(value)):
                return value
        return ""

    def _new_shape(self, names: tuple[str, ...]) -> Shape:
        by_plain: dict[str, list[str]] = {}
        for name in names:
            by_plain.setdefault(_plain(name), []).append(name)
        found = {field: self._names_of(field, names, by_plain) for field in _PLAIN_NAMES}
        if not _CRAWL_MARKS.isdisjoint(by_plain) and self._mapping.date is None:
            found["crawled"] += tuple(name for name in found["date"] if _plain(name) == "date")
            found["date"] = tuple(name for name in found["date"] if _plain(name) != "date")
        containers = tuple(name for name in names if name in _CONTAINERS)
        is_readable = found["text"] or found["title"] or found["html"] or _ALL_PLAIN_NAMES.issuperset(by_plain)
        return Shape(
            tuple((field, names) for field, names in found.items() if names),
            containers,
            None if is_readable else _unknown(names),
        )

    def _names_of(self, field: str, names: tuple[str, ...], by_plain: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
        """The names in a record that a field has, best first."""
        mapped = getattr(self._mapping, field)
        if mapped is not None:
            return (mapped,) if mapped in names else ()
        given = {getattr(self._mapping, other.name) for other in fields(self._mapping)}
        usual = [name for plain in _PLAIN_NAMES[field] for name in by_plain.get(plain, ()) if name not in given]
        return tuple(sorted(usual, key=lambda name: name != field))


def _unknown(names: Sequence[str]) -> str:
    """Why records with these names cannot be read, and what to do."""
    told = ", ".join(name[:40] for name in names[:_NAMES_TOLD]) + (", …" if len(names) > _NAMES_TOLD else "")
    return f"no field is known as text or title among: {told}; name them with --map text=NAME,title=NAME"


def _as_text(field: str, value: Any) -> str | None:
    """A field's value as text: "" where there is none, None where the type is wrong.

    Ids and dates may be numbers, or in the form in which MongoDB exports them. An outlet may be an object with a name.
    Keywords may be a list of strings, which is joined with Arabic commas.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return _numeric_text(value) if field in _NUMERIC else _text_within(field, value)


def _text_within(field: str, value: Any) -> str | None:
    """A field's value out of a list or an object."""
    if field == "keywords" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "، ".join(filter(None, map(str.strip, value)))
    if field == "source" and isinstance(value, dict) and isinstance(value.get("name"), str):
        return str(value["name"])
    if field == "language" and isinstance(value, list) and value and isinstance(value[0], str):
        return value[0]
    return None


def _numeric_text(value: Any) -> str | None:
    """An id or date that is no string; MongoDB names a value's type around it, and around what that is written as."""
    while isinstance(value, dict) and len(value) == 1:
        value = next((value[name] for name in _MONGO_TYPES if name in value), None)
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value) if math.isfinite(value) else None
    return None


def kind_of(value: object) -> str:
    """What JSON calls a value of this type."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
