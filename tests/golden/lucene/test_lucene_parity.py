"""Our words are those of Lucene's ArabicAnalyzer, term by term and offset by offset, but for named differences."""

from __future__ import annotations

import base64
import csv
import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from searchapp.analysis.analyzer import ArabicAnalyzer, default_analyzer
from searchapp.analysis.char_filters import INVISIBLE_RANGES, LETTER_MAP, PRESENTATION_FORMS
from searchapp.analysis.glued_words import SEAM
from searchapp.analysis.token_filters import StopWords

HERE = Path(__file__).parent
INVISIBLE = "".join(f"{chr(first)}-{chr(last)}" for first, last in INVISIBLE_RANGES)

# Where we mean to differ: name → what the text between two equal tokens then holds. The docstrings of the tokenizer
# and the char filters say why. Lucene keeps invisible characters, presentation forms, other keyboards' letters and the
# marks that are not vowels in its terms.
DELIBERATE = {
    "an underscore splits": r"_",
    "full stop, colon and apostrophe split letters": r"[^\W\d_][.:·'’‘][^\W_]|[^\W_][.:·'’‘][^\W\d_]",
    "Arabic comma, semicolon and apostrophe split digits": r"\d[،;'’]\d",
    "presentation forms are resolved": f"[{PRESENTATION_FORMS}]",
    "invisible characters are deleted": f"[{INVISIBLE}]",
    "Latin letters are folded": "[ªº\u00c0-\u02af\u1e00-\u1eff]",
    "letters of other keyboards are mapped": f"[{''.join(LETTER_MAP)}]",
    "marks beyond the vowels are deleted": "[\u0610-\u061a\u0653-\u065f\u0670\u06d6-\u06ed\u08d3-\u08ff]",
    "tatweel alone makes no token": r"(?:^|\W)\u0640+(?:$|\W)",
    "two words without a space are parted": SEAM.pattern,
    "a word and a number without a space are parted": r"[ء-ي]{3}\W?\d|\d[ء-ي]{3}",
}

JOINED = "names of two words are joined"

Token = tuple[int, int, str]


def our_tokens(analyzer: ArabicAnalyzer, stop_words: StopWords, text: str) -> list[Token]:
    """Our tokens that Lucene would keep: it asks the stop list with the marks still on."""
    return [
        (start, end, forms.light)
        for start, end, forms in analyzer.occurrences(text)
        if text[start:end].lower() not in stop_words
    ]


def checksum(token: Token) -> int:
    start, end, term = token
    return zlib.crc32(f"{start} {end} {term}".encode()) & 0xFFFF


def differences(text: str, ours: Sequence[Token], lucene: Sequence[int]) -> Iterator[tuple[str, int, str]]:
    """(name or "unexplained", number of tokens, the text there) of each place where the checksums do not run alike."""
    mine = [checksum(token) for token in ours]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, lucene, mine, autojunk=False).get_opcodes():
        if tag != "equal":
            joined = any(re.search(r"\s", text[start:end]) for start, end, _ in ours[j1:j2])
            gap = text[ours[j1 - 1][1] if j1 else 0 : ours[j2][0] if j2 < len(ours) else len(text)]
            names = (name for name, pattern in DELIBERATE.items() if re.search(pattern, gap))
            name = JOINED if joined else next(names, "unexplained")
            yield name, max(i2 - i1, j2 - j1), gap


@pytest.fixture(scope="module")
def analyzer() -> ArabicAnalyzer:
    return default_analyzer()


@pytest.fixture(scope="module")
def stop_words() -> StopWords:
    return StopWords()


def test_the_seeds_have_lucenes_tokens_but_in_nineteen_places(
    analyzer: ArabicAnalyzer, stop_words: StopWords, seeds: Path
) -> None:
    with (HERE / "seeds.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    found: list[str] = []
    for page in sorted({row["page"] for row in rows}):
        text = (seeds / f"{page}.txt").read_bytes().decode()
        golden = [(int(row["start"]), int(row["end"]), row["term"]) for row in rows if row["page"] == page]
        assert all(text[int(r["start"]) : int(r["end"])] == r["surface"] for r in rows if r["page"] == page)
        mine = our_tokens(analyzer, stop_words, text)
        found += (gap.strip() for _, _, gap in differences(text, mine, [checksum(token) for token in golden]))
    assert found == [
        ": ف\u06cc",
        "#وزارة_الخارجية_الأميركية إن #",
        "الكهرباء:رغم",
        *["عبد العاطي،", "عبد العاطي"],
        ": الخارج\u06ccة الأم\u06ccر\u06a9\u06cc الولا\u06ccات",
        *["عبد العاطي،", "عبد العاطي خلال", "عبد العاطي أن"],
        "، إن الوزيرأنتوني",
        "الخارجيةفي",
        ". pic.twitter.com/",
        ".\n\nPräsident",
        "Präsident",
        "Unterstützung für",
        "bekräftigt.",
        "Länder",
        "Bürger",
        ". pic.twitter.com/",
    ]


@pytest.mark.corpus
def test_news_articles_have_lucenes_tokens(analyzer: ArabicAnalyzer, stop_words: StopWords, shared_data: Path) -> None:
    texts = articles(shared_data / "news" / "saudinews.jsonl.gz")
    total, counts = 0, Counter[str]()
    for line in (HERE / "saudinews.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        identifier, number, encoded = line.split("\t")
        packed, text = base64.b64decode(encoded), texts[identifier]
        lucene = [int.from_bytes(packed[at : at + 2], "big") for at in range(0, len(packed), 2)]
        assert len(lucene) == int(number)
        total += len(lucene)
        for name, tokens, _ in differences(text, our_tokens(analyzer, stop_words, text), lucene):
            counts[name] += tokens
    explained = counts.total() - counts["unexplained"]
    assert counts[JOINED] <= 0.003 * total, counts
    assert explained - counts[JOINED] <= 0.003 * total, counts
    assert counts["unexplained"] <= 0.0002 * (total - explained), counts


def articles(path: Path) -> dict[str, str]:
    """Id → title, line feed, text: what Lucene was given."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return {article["id"]: f"{article['title']}\n{article['text']}" for article in map(json.loads, lines)}
