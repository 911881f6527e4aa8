"""The analysis, word by word, against a table written by hand from the published rules (rules.tsv beside this file)."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from searchapp.analysis.analyzer import default_analyzer
from searchapp.model import TokenKind

TABLE = Path(__file__).with_name("rules.tsv")


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def unescape(word: str) -> str:
    """The table writes characters that are not seen, or look like others, as Python's four-digit escapes."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found.group(1), 16)), word)


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['rule']}: {row['word']}")
def test_a_word_has_the_forms_that_the_rules_give_it(row: dict[str, str]) -> None:
    word = unescape(row["word"])
    kind: TokenKind = "number" if row["kind"] == "number" else "word"
    forms = default_analyzer().forms(word)
    assert [(token.start, token.end) for token in default_analyzer().analyze(word)] == [(0, len(word))]
    assert (forms.exact, forms.light, forms.kind, forms.stop) == (row["exact"], row["stem"], kind, row["stop"] == "yes")
