"""A snapshot of a segmented index that answers requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from searchapp.analysis.analyzer import ArabicAnalyzer
from searchapp.engine.protocol import Variants
from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.core.weights import WEIGHTS, Weights
from searchapp.engine.retrieval.requests import may_have_corrections
from searchapp.engine.retrieval.search import ranking, search
from searchapp.engine.retrieval.terms.term_lists import forget_postings
from searchapp.engine.storage.commits import (
    Commit,
    deleted_documents,
    latest_number,
    open_deletes,
    table_of_contents,
)
from searchapp.engine.storage.segment import SUFFIX, LiveSegment, Segment
from searchapp.errors import SearchAppError
from searchapp.model import Article, Hit, Ranking, SearchRequest, SearchResult, Statistics

COMMITS_PER_REBUILD: Final = 1_000_000
"""An index's directory is named by the number of its rebuild, and counts its own commits from 0. A generation is
number × this + commits, so that it rises over both; no index sees a million commits between two rebuilds."""


class SegmentReader:
    """One commit; an `engine.protocol.IndexReader`. It may be used from many threads: nothing in it changes."""

    def __init__(
        self,
        directory: Path,
        commit: Commit,
        open_segment: Callable[[Path], Segment],
        analyzer: ArabicAnalyzer,
        variants: Variants | None = None,
    ) -> None:
        """Open the segments of a commit.

        Raises:
            IndexBroken: a file is missing or does not fit its checksums.
        """
        self._directory, self._commit, self._analyzer = directory, commit, analyzer
        self._variants = variants
        segments = [open_segment(directory / f"{entry.name}{SUFFIX}") for entry in commit.segments]
        deletes = [open_deletes(directory, entry) for entry in commit.segments]
        self._files = [segment.file for segment in segments] + [file for file in deletes if file is not None]
        self._snapshot = Snapshot(
            [
                LiveSegment(segment, None if file is None else deleted_documents(file, segment.documents))
                for segment, file in zip(segments, deletes, strict=True)
            ]
        )
        rebuild = int(directory.name) if directory.name.isdecimal() else 0
        self._generation = rebuild * COMMITS_PER_REBUILD + commit.number
        self._closed = False

    @property
    def generation(self) -> int:
        """Rises with every commit and every rebuild of this data directory's index."""
        return self._generation

    def is_current(self) -> bool:
        """False when a newer commit can be opened."""
        return latest_number(self._directory) <= self._commit.number

    def search(self, request: SearchRequest, weights: Weights = WEIGHTS) -> SearchResult:
        """Answer a request; other weights are for experiments.

        Raises:
            InvalidRequest: one of its values makes no sense.
            LimitExceeded: it passes one of `config.Limits`.
            IndexBroken: something that it reads does not fit its checksum.
        """
        self._check_open()
        result = search(self._snapshot, self._generation, request, self._analyzer, weights, variants=self._variants)
        if not may_have_corrections(result, request):
            return result
        # What is not imported until it is needed is so that the first answer comes soon.
        from searchapp.engine.retrieval.corrections import with_corrections  # noqa: PLC0415

        return with_corrections(result, self._snapshot, request, self._analyzer, weights, variants=self._variants)

    def ranking(self, request: SearchRequest, weights: Weights = WEIGHTS) -> Ranking:
        """The hits of `search` without anything that is shown of them; raises as `search`."""
        self._check_open()
        hits = ranking(self._snapshot, request, self._analyzer, weights, variants=self._variants)
        return Ranking(hits, self._generation)

    def stream(
        self, request: SearchRequest, *, by_arrival: bool = False, start: int = 0, count: int | None = None
    ) -> tuple[SearchResult, Iterator[Hit]]:
        """All hits of a request, as `retrieval.streaming.stream` gives them; raises as `search`."""
        from searchapp.engine.retrieval.streaming import stream  # noqa: PLC0415

        self._check_open()
        return stream(
            self._snapshot,
            self._generation,
            request,
            self._analyzer,
            by_arrival=by_arrival,
            start=start,
            count=count,
            variants=self._variants,
        )

    def completions(self, typed: str) -> tuple[str, ...]:
        """What a reader may be typing, the likeliest first, in words of the archive as its articles write them.

        Raises:
            IndexBroken: something that it reads does not fit its checksum.
        """
        from searchapp.engine.retrieval.spelling.completions import Completer  # noqa: PLC0415

        self._check_open()
        return Completer.of(self._snapshot, self._analyzer).complete(typed)

    def similar(self, article: Article, count: int) -> tuple[Hit, ...]:
        """At most `count` stories like an article, without its own, the likest first."""
        from searchapp.engine.retrieval.similar import similar  # noqa: PLC0415

        self._check_open()
        return similar(self._snapshot, article, self._analyzer, count, variants=self._variants)

    def _check_open(self) -> None:
        if self._closed:
            raise SearchAppError("this index reader was closed; open another one")

    def statistics(self) -> Statistics:
        """What the index holds, counted once."""
        from searchapp.engine.retrieval.holdings import holdings  # noqa: PLC0415

        self._check_open()
        return holdings(self._snapshot, self._generation)

    def story_sequences(self) -> dict[int, int]:
        """Story number → archive sequence number that the index holds for it."""
        live = self._snapshot.live()
        numbers, sequences = (self._snapshot.column(f"story/{name}")[live] for name in ("numbers", "sequences"))
        return dict(zip(numbers.tolist(), sequences.tolist(), strict=True))

    def damage(self) -> list[str]:
        """Read every byte of the index; a sentence for each piece that does not fit its checksum."""
        return [problem for file in self._files for problem in file.verify()]

    def absent_files(self) -> list[str]:
        """A sentence for each file that only other programs need, and that is not there."""
        path = table_of_contents(self._directory, self._commit)
        if path.is_file():
            return []
        return [f"{path} is not there, by which Whoosh opens the index; the next run that changes it writes it anew"]

    def rest(self) -> None:
        """Let go of threads' arrays, of what is quickly found out anew, and of the pages of files that were read.

        All of it comes back as it is asked for, with the words that are asked for.
        """
        # What corrections need is not imported until something is corrected, or rests.
        from searchapp.engine.retrieval.spelling.spelling_vocabulary import Vocabulary  # noqa: PLC0415

        self._snapshot.rest()
        Vocabulary.rest(self._snapshot)
        forget_postings(self._snapshot)
        for file in self._files:
            file.forget()

    def close(self) -> None:
        """A search after this is an error. What was kept goes at once, the maps with the last view on them."""
        self._closed = True
        self._snapshot.forget()
