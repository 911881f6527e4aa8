"""When the variants of an archive are learnt anew, and out of which of its texts."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchapp.analysis.affixes import StemClass
from searchapp.analysis.analyzer import default_analyzer
from searchapp.analysis.batch import BatchAnalyzer, default_batch_analyzer
from searchapp.analysis.indexed_words import IndexedWords, Words
from searchapp.analysis.lemmatizer import default_lemmatizer
from searchapp.analysis.lexicon import NO_KEY, default_lexicon, keys_of
from searchapp.archive.directory import USER_VARIANTS, VARIANTS
from searchapp.archive.reading import ArchiveReader
from searchapp.errors import IndexBroken, UsageError
from searchapp.memory import release
from searchapp.variants.building import JudgedPairs, judge_words
from searchapp.variants.stream import analyzed, read_words
from searchapp.variants.table import VariantTable
from searchapp.variants.table_writing import pair_rows, write_table
from searchapp.variants.user_pairs import UserPairs, read_user_pairs

GROWTH: Final = 1.25
"""Variants are learnt anew when the archive has grown, or shrunk, by this factor."""
RUNS: Final = 32
NAMES: Final = frozenset({StemClass.NAME, StemClass.PROPER_NOUN})
STORIES_PER_RUN: Final = 1024
"""A sample is of runs of stories that came one after another: reprints of one story are seldom far apart, and they are
what tells most about spellings."""


def refresh_variants(
    directory: Path, archive: ArchiveReader, *, indexed: IndexedWords | None = None, force: bool = False
) -> bool:
    """Bring the table of variants up to the archive and the user's file; returns whether it was written.

    To be called at the end of a run that holds the write lock, after the index's last commit; with `force` when terms
    may have changed, as in a rebuild. What was `indexed` in this run is not analysed again. The time it takes is
    bounded: some 4 s for an archive of any size.

    Raises:
        UsageError: the user's file has an error; the message names file and line.
        IndexBroken: the archive cannot be read.
    """
    table: VariantTable | None = None
    with suppress(IndexBroken):  # a damaged table is one more reason to make it anew
        table = VariantTable.in_directory(directory)
    stories, checksum = archive.count_stories(), _checksum(directory / USER_VARIANTS)
    learn = force or table is None or _has_changed(table.stories, stories)
    if table is not None and not learn and table.user_pairs_checksum == checksum:
        return False
    user = user_pairs(directory)
    if table is None or learn:
        rows = pair_rows(_judged(archive, indexed or IndexedWords()))
    else:
        rows, stories = table.pairs(), table.stories
    write_table(directory / VARIANTS, rows, user, stories=stories, user_checksum=checksum)
    return True


def are_followed(directory: Path) -> bool:
    """Whether the table of variants follows the user's file as it is now; also where there is no sound table.

    Raises:
        UsageError: the user's file cannot be read.
    """
    try:
        table = VariantTable.in_directory(directory)
        return not (directory / VARIANTS).exists() or table.user_pairs_checksum == _checksum(directory / USER_VARIANTS)
    except IndexBroken:
        return True


def user_pairs(directory: Path) -> UserPairs:
    """The pairs that the user's file adds and forbids, by terms.

    Raises:
        UsageError: the file has an error; the message names file and line.
    """
    return read_user_pairs(directory / USER_VARIANTS, term_of)


def term_of(word: str) -> str | None:
    """The index term of one word as written; None for what is no word, or several."""
    tokens = default_analyzer().analyze(word)
    return tokens[0].lemma if len(tokens) == 1 else None


def _judged(archive: ArchiveReader, indexed: IndexedWords) -> JudgedPairs:
    analyzer = indexed.analyzer or default_batch_analyzer()
    words = read_words(sample_words(archive, indexed, analyzer), analyzer)
    indexed.clear()
    release()
    return judge_words(words, are_known, is_name=is_name)


def sample_words(archive: ArchiveReader, indexed: IndexedWords, analyzer: BatchAnalyzer) -> Iterator[Words]:
    """The words of `sample_texts`: runs of stories that were indexed in this run are not read again."""
    for start in sample_starts(archive):
        kept = indexed.of(archive.story_sequences(start, start + STORIES_PER_RUN))
        yield from analyzed(run_texts(archive, start), analyzer) if kept is None else kept


def sample_texts(archive: ArchiveReader) -> Iterator[str]:
    """Title and body of a sample of stories: all of a small archive, else runs all over it, the newest first."""
    for start in sample_starts(archive):
        yield from run_texts(archive, start)


def sample_starts(archive: ArchiveReader) -> Sequence[int]:
    """The sequence numbers after which the runs begin."""
    last = archive.sequence
    starts = range(0, last, -(-last // RUNS)) if last > RUNS * STORIES_PER_RUN else range(0, last, STORIES_PER_RUN)
    return starts[::-1]


def run_texts(archive: ArchiveReader, start: int) -> Iterator[str]:
    """The texts of one run, as the index has them: a title that was inferred says the lead again."""
    for story in islice(archive.stories(start), STORIES_PER_RUN):
        if story.articles and story.sequence <= start + STORIES_PER_RUN:
            article = story.articles[0]
            title = "" if article.title_inferred else article.title or ""
            yield f"{title}\n{article.body}"


def are_known(terms: Sequence[str]) -> NDArray[np.bool_]:
    """Whether the lexicon has each of these terms, as a word or as a name."""
    keys = keys_of(terms)
    known: NDArray[np.bool_] = (keys != NO_KEY) & (default_lexicon().first_entries(keys) >= 0)
    return known


def is_name(term: str) -> bool:
    """Whether a term reads best as a name, or as nothing that the lexicon has."""
    best = default_lemmatizer().analyses(term)[:1]
    return not best or best[0].stem_class in NAMES


def _has_changed(before: int, now: int) -> bool:
    return now >= before * GROWTH or now * GROWTH <= before if before else now > 0


def _checksum(path: Path) -> int:
    """Of a file that the user may have written; 0 without one."""
    try:
        return zlib.crc32(path.read_bytes())
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error}; correct or remove it") from error
