"""Judging pairs of articles of an archive, whatever stories they are in and however the archive was made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from searchapp.archive.reading import ArchiveReader
from searchapp.dedupe.judgement import Judgement, judge_all
from searchapp.dedupe.preparation import Preparer

PAIRS_AT_ONCE: Final = 200

IdPair = tuple[str, str]


def judge_pairs(archive: ArchiveReader, pairs: Iterable[IdPair]) -> Iterator[tuple[IdPair, Judgement | None]]:
    """Judge each pair of ids by itself, in their order; None where one of them is not there."""
    preparer = Preparer()
    waiting = iter(pairs)
    while part := list(islice(waiting, PAIRS_AT_ONCE)):
        articles = archive.bodies(sorted({one for pair in part for one in pair}))
        texts = [prepared.text for prepared in preparer.prepare(list(articles.values()))]
        places = {article_id: place for place, article_id in enumerate(articles)}
        there = [pair for pair in part if pair[0] in places and pair[1] in places]
        judgements = iter(judge_all(texts, [(places[one], places[other]) for one, other in there]))
        for pair in part:
            yield pair, next(judgements) if pair[0] in places and pair[1] in places else None
