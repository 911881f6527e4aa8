"""Text out of HTML: whole pages, and the pieces of markup that feeds and records carry."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from typing import Any, Final

from searchapp.errors import MissingPackage, RejectedInput
from searchapp.ingest.encodings import CODE_PAGES, encoding_of, is_nearly_utf8
from searchapp.ingest.html_bounds import check_attributes
from searchapp.ingest.text import unescaped

_MARKUP: Final = re.compile(
    r"</?(?:p|br|div|span|a|b|i|em|strong|h[1-6]|ul|ol|li|img|figure|figcaption|blockquote|table|tr|td|iframe|section"
    r"|article|html|body|script|style)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_PAGE: Final = re.compile(r"\s*(?:<!--[^<>]*-->\s*)*<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)
_BREAK: Final = re.compile(
    r"</?(?:p|br|div|h[1-6]|ul|ol|li|figure|figcaption|blockquote|table|tr|section|article)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"<[a-zA-Z/!?][^<>]*>")
_UNSEEN: Final = re.compile(r"<(script|style)[\s>]", re.IGNORECASE)

_CHARSET: Final = re.compile(rb"""<meta[^<>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_CHARSET_WITHIN: Final = 4096
_XML_DECLARATION: Final = re.compile(r"\s*<\?xml[^<>]*\?>")
_CODE_PAGES: Final = (*CODE_PAGES, "cp1252")


def as_text(text: str) -> str:
    """Return the text that markup shows, paragraphs on lines of their own; what has no markup comes back as it is."""
    if _PAGE.match(text):
        try:
            return read_html(text.encode("utf-8", "replace"), charset="utf-8")[0]
        except RejectedInput:
            return _stripped(text)
    return _stripped(text) if _MARKUP.search(text) else text


def _stripped(text: str) -> str:
    """The text without its tags."""
    seen = _TAG.sub("", _BREAK.sub("\n", _without_unseen(text)))
    return unescaped(seen)


def _without_unseen(text: str) -> str:
    """The text without scripts and style sheets."""
    kept, at, lower = [], 0, text.lower()
    while found := _UNSEEN.search(text, at):
        kept.append(text[at : found.start()])
        end = lower.find(f"</{found[1].lower()}", found.end())
        at = len(text) if end < 0 else end
    return "".join((*kept, text[at:]))


def read_html(raw: bytes, *, url: str | None = None, charset: str = "") -> tuple[str, dict[str, str]]:
    """Return the text of a page's article, and what the page declares of it: title, date, source, url and so on.

    `url` is where it was fetched, if that is known; `charset` what the server said of its encoding. The declared fields
    are those of `RawPage`. Nothing is guessed from visible text.

    Raises:
        RejectedInput: The page is empty, or cannot be taken apart.
        MissingPackage: What takes pages apart is not installed.
    """
    from searchapp.ingest.html_metadata import read_metadata  # noqa: PLC0415 - text with tags alone needs none

    tree = _parse(decoded_page(raw, charset))
    declared = read_metadata(tree, url)
    text = _main_text(tree)
    title = declared.get("title")
    lines = text.split("\n")
    if title and lines and " ".join(lines[0].split()) == " ".join(title.split()):
        text = "\n".join(lines[1:])
    return text, declared


def decoded_page(raw: bytes, charset: str) -> str:
    """A page's text: as its bytes can only be, as it is declared, or as it reads best.

    Servers and templates declare Western code pages for what they know nothing of: what reads as Arabic comes first.
    """
    if not raw.strip():
        raise RejectedInput("the page is empty")
    if encoding := encoding_of(raw) or ("utf-8" if is_nearly_utf8(raw) else None):
        return raw.decode(encoding, "replace").removeprefix("\ufeff")
    declared = _CHARSET.search(raw[:_CHARSET_WITHIN])
    for name in (charset, declared[1].decode("ascii", "replace") if declared else ""):
        if known := _known_encoding(name):
            # Python has encodings that are none of texts, and some that replace nothing: the page is not lost for that.
            with suppress(LookupError, ValueError):
                return raw.decode(known, "replace")
    from charset_normalizer import from_bytes  # noqa: PLC0415 - takes long to load

    best = from_bytes(raw, cp_isolation=list(_CODE_PAGES)).best()
    return raw.decode(best.encoding if best else _CODE_PAGES[0], "replace")


def _known_encoding(name: str) -> str | None:
    """The codec for a declared character set. Browsers read Latin-1 as Windows-1252 (WHATWG, Encoding Standard)."""
    try:
        found = codecs.lookup(name.strip()).name if name.strip() else None
    except (LookupError, ValueError):  # unknown, or with characters that no name has
        return None
    return "cp1252" if found in {"iso8859-1", "ascii"} else found


def _parse(text: str) -> Any:
    """A page's tree; nothing outside of it is loaded, and nothing that it declares is expanded."""
    try:
        from lxml import etree, html  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingPackage("web pages", "html") from error
    check_attributes(text)
    parser = html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(_XML_DECLARATION.sub("", text, count=1).replace("\0", "\ufffd"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise RejectedInput(f"the HTML cannot be taken apart: {error}") from error
    return tree


def _main_text(tree: Any) -> str:
    """The article's own text, without menus, lists of links and comments."""
    try:
        from trafilatura import extract  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingPackage("web pages", "html") from error
    try:
        text = extract(tree, include_comments=False, include_tables=True, with_metadata=False, deduplicate=False)
        return str(text or "")
    except Exception as error:  # whatever a page can make the library do, the other pages go on
        raise RejectedInput(f"the HTML cannot be taken apart: {error!r:.200}") from error
