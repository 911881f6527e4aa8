"""The words of the pages: every message has its Arabic, and no catalogue holds what nothing says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from searchapp.web import display
from searchapp.web.display import Display
from searchapp.web.presentation import articles
from searchapp.web.strings import catalogue_files, gettext_markup

KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
Key = tuple[str | None, tuple[str, ...]]


def said(root: Path) -> dict[Key, str]:
    """Every message of the code and the templates, with the file that says it."""
    found: dict[Key, str] = {}
    files = [(file, "python") for file in (root / "searchapp" / "web").rglob("*.py")]
    files += [(file, "jinja2.ext.babel_extract") for file in (root / "templates").rglob("*.html")]
    for file, method in files:
        options = {"trim_blocks": "true", "lstrip_blocks": "true"}
        for _, message, _, context in extract_from_file(method, file, keywords=KEYWORDS, options=options):
            ids = message if isinstance(message, tuple) else (message,)
            found[context, tuple(ids)] = file.name
    return found


def catalogued() -> Iterator[tuple[Path, Key, Message]]:
    for file in catalogue_files("ar"):
        with file.open("rb") as opened:
            for message in read_po(opened, locale="ar"):
                if message.id:
                    ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
                    yield file, (message.context, tuple(ids)), message


def test_every_message_has_its_arabic(project_root: Path) -> None:
    there = {key for _, key, _ in catalogued()}
    missing = {key: file for key, file in said(project_root).items() if key not in there}
    assert missing == {}


def test_every_arabic_message_is_whole() -> None:
    for _, key, message in catalogued():
        forms = [message.string] if isinstance(message.string, str) else [str(form) for form in message.string or ()]
        assert len(forms) == (6 if len(key[1]) == 2 else 1), key
        assert all(forms), key
        assert "fuzzy" not in message.flags
        names = set(re.findall(r"%\((\w+)\)s", " ".join(key[1])))
        used = set(re.findall(r"%\((\w+)\)s", " ".join(forms)))
        assert used == names, key


def test_no_message_stands_twice_or_for_nothing(project_root: Path) -> None:
    counts = Counter(key for _, key, _ in catalogued())
    assert [key for key, count in counts.items() if count > 1] == []
    assert set(counts) - set(said(project_root)) == set()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "لا أخبار"), (1, "خبر واحد"), (2, "خبران"), (3, "3 أخبار"), (10, "10 أخبار"), (11, "11 خبرًا"),
        (99, "99 خبرًا"), (100, "100 خبر"), (102, "102 خبر"), (103, "103 أخبار"), (111, "111 خبرًا"),
        (31030, "31,030 خبرًا"),
    ],
)  # fmt: skip
def test_the_noun_fits_the_number(value: int, words: str) -> None:
    assert articles(value) == words


@pytest.fixture
def english() -> None:
    display.use(Display(ui="en"))


@pytest.mark.usefixtures("english")
def test_the_messages_are_the_english_interface() -> None:
    assert [articles(value) for value in (1, 2, 31030)] == ["1 article", "2 articles", "31,030 articles"]


def test_what_is_filled_into_a_message_on_a_page_is_escaped() -> None:
    assert str(gettext_markup("by way of %(agency)s", agency="<b>")) == "نقلًا عن &lt;b&gt;"
