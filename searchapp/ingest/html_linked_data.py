"""JSON-LD in web pages: the object that describes a page's article, however a site nests and writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from searchapp.ingest.text import clean, unescaped

_ARTICLE_TYPE: Final = re.compile(r"(?:https?://schema\.org/|schema:)?(?:\w*Article|BlogPosting|Report|\w*Posting)")
_WRAPPING: Final = re.compile(
    r"\A\s*(?://|/\*)?\s*(?:<!\[CDATA\[|<!--)(?:\s*\*/)?|(?://|/\*)?\s*(?:\]\]>|-->)(?:\s*\*/)?\s*\Z"
)
"""What hid scripts from old browsers and XML parsers."""

_TRAILING_COMMA: Final = re.compile(r",(?=\s*[}\]])")
_NESTED: Final = ("@graph", "mainEntity", "mainEntityOfPage")
_DEPTH: Final = 3
_LONGEST_SCRIPT: Final = 1_000_000
_LONGEST: Final = 2_000

LinkedData = Mapping[str, Any]


def article_data(tree: Any) -> LinkedData:
    """Return the JSON-LD object that describes the page's article, its publisher in place; empty if there is none."""
    nodes = [node for script in _scripts(tree) for node in _nodes(_loaded(script))]
    article = next((node for node in nodes if _is_article(node)), {})
    publisher = article.get("publisher")
    if isinstance(publisher, dict) and "name" not in publisher and (known := publisher.get("@id")):
        named = next((node for node in nodes if node.get("@id") == known and "name" in node), publisher)
        return {**article, "publisher": named}
    return article


def text_of(value: Any) -> str:
    """A JSON-LD value as text: itself, the first of a list, or the name of an object."""
    value = listed(value)[0] if listed(value) else None
    if isinstance(value, dict):
        value = value.get("name") or value.get("@id")
    return shown(value) if isinstance(value, str) else ""


def listed(value: Any) -> list[Any]:
    """A value that may be a list as one."""
    return value if isinstance(value, list) else [value]


def shown(text: str | None) -> str:
    """A declared text on one line, of bounded length."""
    return " ".join(clean(unescaped(text or "")).split())[:_LONGEST]


def _scripts(tree: Any) -> Iterator[str]:
    for script in tree.iter("script"):
        text = (script.text or "").strip()
        is_data = (script.get("type") or "").partition(";")[0].strip().lower() == "application/ld+json"
        if is_data and len(text) <= _LONGEST_SCRIPT:
            yield text


def _loaded(script: str) -> Any:
    """What a script says; None where it is broken beyond a comma too many."""
    text = _WRAPPING.sub("", script)
    for attempt in (text, _TRAILING_COMMA.sub("", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(data: Any, depth: int = _DEPTH) -> Iterator[LinkedData]:
    """The objects at the top of a JSON-LD script, of its graph, and those that a page is said to be about."""
    for node in listed(data) if depth else ():
        if isinstance(node, dict):
            yield node
            for name in _NESTED:
                yield from _nodes(node.get(name), depth - 1)


def _is_article(node: LinkedData) -> bool:
    return any(isinstance(kind, str) and _ARTICLE_TYPE.fullmatch(kind) for kind in listed(node.get("@type")))
