"""The search command: one query or a file of them, as many hits as are asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO, TypeVar

import click

from searchapp.cli.complaints import complain
from searchapp.cli.corrections import tell_corrections
from searchapp.cli.options import format_option, index_option
from searchapp.config import LIMITS
from searchapp.errors import LimitExceeded, RejectedInput, SearchAppError, UsageError
from searchapp.frozen import dataclass

if TYPE_CHECKING:
    from searchapp.cli.formats import Answer
    from searchapp.index import Index
    from searchapp.model import Correction, Ranking, SearchRequest, SearchResult

Answered = TypeVar("Answered", "SearchResult", "Ranking")

DEFAULT_HITS: Final = 10
READINGS: Final = 3
"""How often a list of more than one page is read again when the index is written to meanwhile."""
WITH_FACETS: Final = frozenset({"json"})
WITHOUT_SNIPPETS: Final = frozenset({"trec"})


@dataclass(frozen=True, slots=True)
class Query:
    """One query to be answered. `place` is where it stands in its file, for messages."""

    text: str
    id: str | None = None
    place: str = ""


@click.command(short_help="Search in the terminal.")
@click.argument("words", nargs=-1, metavar="QUERY")
@index_option
@click.option("--source", multiple=True, metavar="OUTLET", help="Only this outlet; may be given again.")
@click.option("--not-source", multiple=True, metavar="OUTLET", help="Not this outlet.")
@click.option("--from", metavar="DATE", help="From this day, month or year on, as in --from 2024-06-01.")
@click.option("--to", metavar="DATE", help="Up to this day, month or year, and including it.")
@click.option("--when", multiple=True, metavar="DATE", help="In this year, month or day: 2024, 2024-06, 2024-06-25.")
@click.option("--undated", is_flag=True, help="Articles without a date; with --when, these too.")
@click.option("--exact", is_flag=True, help="Only the very forms that were typed.")
@click.option("--no-variants", is_flag=True, help="Not in other spellings that the archive shows to be the same word.")
@click.option("--explain", is_flag=True, help="Tell what each form of each word gave to a hit's score.")
@click.option("--field", "in", type=click.Choice(["all", "title"]), default="all", show_default=True, help="Where.")
@click.option(
    "--sort",
    type=click.Choice(["relevance", "newest", "oldest"]),
    help="What comes first: relevance, or, without any words to be relevant to, the newest.",
)
@click.option(
    "--recency",
    "recent",
    metavar="DAYS",
    help="Let newer articles count more: what an article gains halves every so many days of its age.",
)
@click.option(
    "--recency-from",
    "recent_from",
    metavar="DATE",
    help="The day ages count from; otherwise that of the newest article that is not dated in the future.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=DEFAULT_HITS,
    show_default=True,
    metavar="N",
    help=f"How many hits, up to {LIMITS.command_line_hits:,}.",
)
@click.option("--page", type=click.IntRange(min=1), default=1, help="Which N hits: 2 gives those after the first N.")
@click.option(
    "--queries",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help='Answer every query of a file instead, one {"_id": …, "text": …} a line; - reads stdin.',
)
@format_option("table", "json", "jsonl", "csv", "trec")
def search(
    *,
    words: tuple[str, ...],
    directory: Path,
    limit: int,
    page: int,
    queries: TextIO | None,
    form: str,
    explain: bool,
    no_variants: bool,
    **filters: Any,
) -> int:
    """Search in the terminal.

    Words side by side should all be there, three in four of more than four; where too few articles have them, those
    with any of the words are found, and that is said. A phrase stands in quotes; AND, OR, NOT, title:, source:, date:,
    word* and =word work as they do on the page. With --queries, a query that cannot be answered is told on stderr, the
    others are answered, and the exit code is 3.

    \b
      searchapp search وزير الخارجية --from 2024-06-01 --sort newest
      searchapp search '"وقف إطلاق النار"' --format json
      searchapp search --queries questions.jsonl --limit 100 --format trec
    """
    from searchapp.index import open_index

    if limit > LIMITS.command_line_hits:
        raise LimitExceeded("command_line_hits", LIMITS.command_line_hits, limit)
    asked = _asked(words, queries)
    rejected: list[Query] = []
    with open_index(directory) as index:
        run = _Search(index, _url_parameters(filters), form, (page - 1) * limit, limit, explain, not no_variants)
        if form == "trec" and queries is not None:
            run.write_run_file(asked, rejected)
        else:
            _write(run.answers(asked, rejected), form)
        tell_corrections(run.corrections)
    return RejectedInput.exit_code if rejected else 0


def _asked(words: tuple[str, ...], queries: TextIO | None) -> Iterable[Query]:
    if queries is not None and words:
        raise UsageError("give either a query or --queries, not both")
    if queries is not None:
        return _read_queries(queries)
    if not words:
        raise UsageError("give a query, or --queries with a file of them; an empty query '' finds everything")
    return [Query(" ".join(words))]


def _read_queries(lines: TextIO) -> Iterator[Query]:
    """Read queries as they are needed, so that the first answers come before the last question."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{lines.name}:{number}"
        try:
            yield _read_query(line, place)
        except (ValueError, LookupError, TypeError) as error:
            raise UsageError(
                f'{place}: each line must be {{"_id": …, "text": …}}, and the _id must have no spaces'
            ) from error


def _read_query(line: str, place: str) -> Query:
    """Read one line. A run file's columns are parted by spaces, so a name with a space in it would break them."""
    record = json.loads(line)
    name, text = str(record["_id"]), record["text"]
    if not isinstance(text, str) or name.split() != [name]:
        raise ValueError
    return Query(text, name, place)


def _url_parameters(filters: dict[str, Any]) -> list[tuple[str, str]]:
    """The filters as the URL has them: the page and the command line read and refuse the same values."""
    pairs: list[tuple[str, str]] = []
    for name, value in filters.items():
        values = value if isinstance(value, tuple) else (value,)
        pairs += [(name, "1" if value is True else value) for value in values if value]
    return pairs


@dataclass(frozen=True, slots=True)
class _Search:
    """How queries are answered: the index, the filters, and which hits of each, `count` from `start` (from 0).

    `corrections` are other searches for the one query that was answered; of a file's queries none are looked for.
    """

    index: Index
    filters: list[tuple[str, str]]
    form: str
    start: int
    count: int
    explain: bool = False
    variants: bool = True
    corrections: list[Correction] = field(default_factory=list)

    def answers(self, asked: Iterable[Query], rejected: list[Query]) -> Iterator[Answer]:
        """Answer one query after another. One of a file that passes a limit is told on stderr and put in `rejected`."""
        from searchapp.cli.formats import Answer

        for query, request, result in self._answered(asked, rejected, self.index.search):
            self.corrections.extend(result.corrections)
            yield Answer(query.id, request, result)

    def write_run_file(self, asked: Iterable[Query], rejected: list[Query]) -> None:
        """Answer the queries of a file by a run file, for which nothing is read that a hit would show."""
        from searchapp.cli.formats import RankedAnswer, write_trec

        answered = self._answered(asked, rejected, self.index.ranking)
        write_trec((RankedAnswer(query.id, ranking) for query, _, ranking in answered), sys.stdout)

    def _answered(
        self, asked: Iterable[Query], rejected: list[Query], search: Callable[[SearchRequest], Answered]
    ) -> Iterator[tuple[Query, SearchRequest, Answered]]:
        for query in asked:
            try:
                request = self._request(query)
                yield query, request, self._window(request, search)
            except LimitExceeded as error:
                if query.id is None:
                    raise
                rejected.append(query)
                complain(f"{query.place}: {error}")

    def _request(self, query: Query) -> SearchRequest:
        from searchapp.web.parameters import parse

        request = parse([*self.filters, ("q", query.text)])
        return replace(
            request,
            facets=self.form in WITH_FACETS,
            snippets=self.form not in WITHOUT_SNIPPETS,
            corrections=query.id is None,
            explain=self.explain,
            variants=self.variants,
        )

    def _window(self, request: SearchRequest, search: Callable[[SearchRequest], Answered]) -> Answered:
        """The hits that are asked for, out of as many pages of the index as it takes.

        The pages must be of one state of the index, or a hit would be missing or there twice.
        """
        for _ in range(READINGS):
            pages = [search(page) for page in self._pages(request)]
            if len({page.generation for page in pages}) == 1:
                return self._joined(pages)
        raise SearchAppError("the index was written to all the while; search again, or ask for fewer hits")

    def _pages(self, request: SearchRequest) -> Iterator[SearchRequest]:
        """Requests that together cover the window; only the first is asked for facets."""
        size = self._page_size()
        last = -(-(self.start + self.count) // size)
        for number in range(self.start // size + 1, last + 1):
            yield replace(request, page=number, per_page=size)
            request = replace(request, facets=False)

    def _page_size(self) -> int:
        return min(self.count, LIMITS.per_page)

    def _joined(self, pages: list[Answered]) -> Answered:
        hits = [hit for page in pages for hit in page.hits]
        skipped = self.start % self._page_size()
        return replace(pages[0], hits=tuple(hits[skipped : skipped + self.count]))


def _write(answers: Iterator[Answer], form: str) -> None:
    if form == "table":
        from searchapp.cli.tables import print_answers

        print_answers(answers)
    else:
        from searchapp.cli.formats import WRITERS

        WRITERS[form](answers, sys.stdout)
