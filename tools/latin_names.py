"""Write searchapp/query/latin_names.tsv.gz out of a table of names (en, ar, wikidata_count), one pair a line.

    python tools/latin_names.py wikidata_names.tsv

The table holds single words that stand in the same place of a person's or place's English and Arabic label on Wikidata
(CC0 1.0), and in how many labels. Labels do not always go word by word, so that some pairs are no names of each other:
a pair is kept when the Arabic one sounds like the Latin one, or when it stands in many labels.
"""

from __future__ import annotations

import gzip
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from searchapp.analysis.analyzer import default_analyzer
from searchapp.engine.retrieval.spelling.spelling_costs import SpellingCosts
from searchapp.engine.retrieval.spelling.spelling_distance import distances
from searchapp.query.latin_names import NAMES_FILE, folded, transliterated

PROVENANCE: Final = "# Wikidata labels (https://www.wikidata.org), CC0 1.0; written by tools/latin_names.py"
FEWEST_LETTERS: Final = 3
DEAREST_LETTER: Final = 0.34
"""How much a pair may differ, for each letter of the longer one."""
MANY_LABELS: Final = 5
"""So many labels vouch for a pair, however it sounds: michael is مايكل."""
MOST_FORMS: Final = 4
VOWELS: Final = 0.2
"""Short vowels are written or not as each writer likes."""


def main(table: Path) -> None:
    """Read the table and write the file."""
    lines = table.read_text("utf-8").splitlines()[1:]
    text = "\n".join([PROVENANCE, *_lines(_pairs(lines)), ""])
    NAMES_FILE.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{text.count(chr(10)) - 1:,} names, {NAMES_FILE.stat().st_size:,} bytes")  # noqa: T201


def _pairs(lines: Iterable[str]) -> dict[str, Counter[str]]:
    """Latin name → Arabic forms as exact forms, with their counts."""
    analyzer = default_analyzer()
    pairs: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        latin, arabic, count = line.split("\t")
        name, form = folded(latin), analyzer.forms(arabic).exact
        if len(name) >= FEWEST_LETTERS and len(form) >= FEWEST_LETTERS - 1:
            pairs[name][form] += int(count)
    return pairs


def _lines(pairs: dict[str, Counter[str]]) -> Iterator[str]:
    costs = SpellingCosts(VOWELS)
    for name in sorted(pairs):
        forms = [form for form, _ in pairs[name].most_common()]
        spoken = transliterated(name)
        measured = distances(spoken, forms, costs).tolist()
        kept = [
            form
            for form, cost in zip(forms, measured, strict=True)
            if cost <= DEAREST_LETTER * max(len(form), len(spoken)) or pairs[name][form] >= MANY_LABELS
        ]
        if kept:
            yield f"{name}\t{' '.join(kept[:MOST_FORMS])}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
