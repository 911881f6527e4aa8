"""The sets that are measured by name, and what is aimed at on each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bench.relevance.collection import Collection, corpus_file, load
from bench.workspace import PROJECT_ROOT

DEFAULT_DATA: Final = PROJECT_ROOT.parent / "shared" / "data" / "ir"


@dataclass(frozen=True, slots=True)
class Target:
    """What is aimed at: nDCG@10 of at least `ndcg`, or this much above the anchor. None where nothing is."""

    ndcg: float | None = None
    over_anchor: float | None = None


@dataclass(frozen=True, slots=True)
class KnownSet:
    """A set of the measuring data: how it is read from its folder, what is aimed at, and what Lucene should reach."""

    read: Callable[[Path], Collection]
    target: Target
    anchor: float | None = None


def _wikiqa(data: Path) -> Collection:
    return load(data / "wikiqa_pool", part=re.compile(r"(xquad|arcd|mlqa)"))


def _wikiqa_among_news(data: Path) -> Collection:
    alone = _wikiqa(data)
    return replace(alone, name="wikiqa_in_saudi", corpora=(corpus_file(data / "known_saudi"), *alone.corpora))


KNOWN: Final = {
    "known_saudi": KnownSet(
        lambda data: load(data / "known_saudi", qrels="qrels_neardup.tsv"), Target(ndcg=0.80), anchor=0.715
    ),
    "wikiqa_pool": KnownSet(_wikiqa, Target(ndcg=0.865), anchor=0.833),
    "wikiqa_in_saudi": KnownSet(_wikiqa_among_news, Target(over_anchor=0.05)),
    "ct21_ar": KnownSet(
        lambda data: load(data / "ct21_ar", part=re.compile("([a-z]+):")), Target(ndcg=0.91), anchor=0.876
    ),
    "qrcd": KnownSet(
        lambda data: load(data / "qrcd", part=re.compile("qrcd-([a-z]+)")), Target(ndcg=0.39), anchor=0.324
    ),
}
"""wikiqa_in_saudi is the paragraphs and questions of wikiqa_pool within the articles of known_saudi."""

ANCHOR_TOLERANCE: Final = 0.01
"""How far Lucene may be from what it is known to reach before the run warns."""
