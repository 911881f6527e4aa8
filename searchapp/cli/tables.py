"""Answers for people: tables on a terminal, the same without colours in a file.

Everything here comes out of crawled pages, so control characters, which a terminal would obey, are shown as spaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from searchapp.cli.formats import Answer
from searchapp.model import (
    UNKNOWN_OUTLET,
    ArchiveDetails,
    Article,
    ArticleTimes,
    Hit,
    SearchResult,
    Snippet,
    UnderstoodQuery,
)
from searchapp.output import iso_time

if TYPE_CHECKING:
    from searchapp.archive.folds import Fold

CONTROL_CHARACTERS: Final = {code: " " for code in (*range(0x20), *range(0x7F, 0xA0)) if code != ord("\n")}
"""One space for each, so that positions in the text stay true."""
MARK: Final = "bold"
NO_TITLE: Final = "(no title)"
NO_DATE: Final = "no date"
NO_OUTLET: Final = "outlet not known"


def print_answers(answers: Iterable[Answer]) -> None:
    """Print how many there are, how the query was read where that matters, and the hits; for each query."""
    console = _console()
    for answer in answers:
        if answer.query_id is not None:
            console.print(_plain(f"{answer.query_id}: {answer.request.q}"))
        _print_result(answer.result, console)


def _print_result(result: SearchResult, console: Console) -> None:
    console.print(_total_line(result))
    for line in _understanding(result):
        console.print(line)
    if result.hits:
        console.print(_hit_table(result.hits))


def _hit_table(hits: Iterable[Hit]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 1, 0), pad_edge=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for hit in hits:
        table.add_row(str(hit.rank), Text("\n").join(_hit_lines(hit)))
    return table


def _hit_lines(hit: Hit) -> list[Text]:
    lines = [marked(hit.title) if hit.title else Text(NO_TITLE)]
    outlets = ", ".join(hit.outlets) or NO_OUTLET
    lines.append(Text(_plain(f"{outlets} · {hit.date or NO_DATE} · {hit.id}"), style="dim"))
    if hit.snippet:
        lines.append(marked(hit.snippet))
    if hit.explanation:
        parts = " + ".join(f"{part.word} {part.name} {part.score:.3f}".strip() for part in hit.explanation)
        lines.append(Text(_plain(f"{hit.score:.3f} = {parts}"), style="dim"))
    return lines


def marked(snippet: Snippet) -> Text:
    """A snippet on one line with its marked words in bold, and dots where text was left out."""
    text = Text(_plain(snippet.text).replace("\n", " "))
    for start, end in snippet.spans:
        text.stylize(MARK, start, end)
    return Text.assemble("… " if snippet.leading else "", text, " …" if snippet.trailing else "")


def _total_line(result: SearchResult) -> str:
    about = "" if result.exact else "about "
    count = f"{about}{result.total:,} {'story' if result.total == 1 else 'stories'}"
    return f"{count} in {result.took * 1000:,.0f} ms"


def _understanding(result: SearchResult) -> list[str]:
    """What a reader should know of how the query was read; nothing when it was read just as it stands."""
    lines = []
    if result.relaxed and any(not hit.relaxed for hit in result.hits):
        lines.append("Few stories have all the words; the others have some of them.")
    elif result.relaxed:
        none = "No story has" if result.total == len(result.hits) else "Few stories, if any, have"
        lines.append(f"{none} all the words; these have some of them.")
    if result.lacking:
        lines.append("Stories that lack some of the words stand among them, where they are nearer to the matter.")
    if result.query.notes:
        lines.append(_plain(f"Read as: {result.query.text}"))
        lines += _notes(result.query)
    return lines


def _notes(query: UnderstoodQuery) -> list[str]:
    return [_plain(f"  {note.code.replace('_', ' ')}: {note.detail}".rstrip(": ")) for note in query.notes]


def print_article(article: Article, copies: Iterable[Article], times: ArticleTimes) -> None:
    """Print an article as text: its title, what is known of it, its body, and where else it ran."""
    console = _console()
    console.print(Text(_plain(article.title or NO_TITLE), style=MARK))
    for name, value in _facts(article, times):
        console.print(Text(_plain(f"{name}: {value}"), style="dim"))
    console.print()
    console.print(Text(_plain(article.body)))
    others = [copy for copy in copies if copy.id != article.id]
    for copy in others:
        console.print(Text(_plain(f"also: {copy.id} · {copy.outlet or NO_OUTLET} · {copy.date or NO_DATE}"), "dim"))


def _facts(article: Article, times: ArticleTimes) -> Iterable[tuple[str, object]]:
    yield "id", article.id
    if article.title_inferred:
        yield "title", "taken from the first sentence"
    yield "outlet", article.outlet or NO_OUTLET
    yield "date", f"{article.date} ({article.date_origin})" if article.date else NO_DATE
    optional = {
        "agency": article.agency,
        "address": article.url,
        "keywords": article.keywords,
        "found on": article.found_on,
        "on the same page": ", ".join(article.related),
        "first seen": iso_time(times.first_seen),
        "last changed": iso_time(times.last_changed) if times.last_changed != times.first_seen else None,
    }
    yield from ((name, value) for name, value in optional.items() if value)


def print_statistics(details: ArchiveDetails) -> None:
    """Print what an archive holds, with the outlets by size."""
    console, statistics = _console(), details.statistics
    span = f", {statistics.first} to {statistics.last}" if statistics.first else ""
    console.print(f"{statistics.articles:,} articles in {statistics.stories:,} stories{span}")
    console.print(f"{details.folded:,} of them copies in the story of another, {details.deleted:,} more deleted")
    console.print(f"{statistics.undated:,} without a date")
    console.print(f"dates: {_counts(details.date_origins)}")
    console.print(_plain(f"languages: {_counts(details.languages)}"))
    console.print(f"{_bytes(details.archive_bytes)} of archive, {_bytes(details.index_bytes)} of index")
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    for outlet, count in statistics.outlets:
        table.add_row(f"{count:,}", Text(_plain(NO_OUTLET if outlet == UNKNOWN_OUTLET else outlet)))
    console.print(table)


def _counts(counted: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counted) or "none"


def _bytes(size: float) -> str:
    """A size as people read it, in powers of 1,000."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"


def print_folds(stories: Iterable[tuple[int, Sequence[Fold]]]) -> None:
    """Print stories with their articles, and why each is where it is."""
    console = _console()
    for number, folds in stories:
        console.print(Text(_plain(f"story {number}: {folds[0].title or NO_TITLE}"), style=MARK))
        table = Table.grid(padding=(0, 2))
        for fold in folds:
            likeness = "" if fold.similarity is None else f"{fold.similarity:.2f}  {fold.reason}"
            cells = (fold.id, fold.outlet or NO_OUTLET, str(fold.date or NO_DATE), likeness)
            table.add_row(*(Text(_plain(cell)) for cell in ("", *cells)))
        console.print(table)


def print_steps(steps: Iterable[tuple[str, str]]) -> None:
    """Print each step of the analysis and what the text has become by it."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in steps:
        table.add_row(name, Text(_plain(text)))
    _console().print(table)


def print_rows(rows: Sequence[Sequence[str]]) -> None:
    """Print rows under the names of their columns, which are the first row."""
    head, *others = rows
    table = Table(box=None, pad_edge=False)
    for name in head:
        table.add_column(name, overflow="fold")
    for row in others:
        table.add_row(*(Text(_plain(cell)) for cell in row))
    _console().print(table)


def print_summary(record: Mapping[str, Any]) -> None:
    """Print names and values, one pair a line."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", overflow="fold")
    for name, value in record.items():
        if value is not None:
            table.add_row(name.replace("_", " "), Text(f"{value:,}" if isinstance(value, int | float) else str(value)))
    _console().print(table)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Rich would end the process with the exit code of a failure; `cli.program` knows that this is none."""
        raise  # noqa: PLE0704 - the error that rich is handling


def _console() -> Console:
    """Plain text goes through unread: square brackets in an article are brackets, not markup."""
    return _Console(markup=False, highlight=False, emoji=False)


def _plain(text: str) -> str:
    return text.translate(CONTROL_CHARACTERS)
