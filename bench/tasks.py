"""What is measured: the table of tasks. A task is put to every engine in the same words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Mode = Literal["or", "and", "phrase", "term"]
Kind = Literal["page", "top"]


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of work.

    A "page" is a query string turned into ten hits with title, outlet and date, ten snippets with the found words
    marked, the number of matches, and facets by outlet and by month over all of them. A "top" is the ten ids alone.
    `by_outlet` and `by_date` say which of the query's filters hold.
    """

    name: str
    title: str
    kind: Kind
    mode: Mode
    by_outlet: bool = False
    by_date: bool = False


TASKS: Final = (
    Task("page_or", "page, OR", "page", "or"),
    Task("page_and", "page, AND", "page", "and"),
    Task("page_and_outlet", "page, AND, one outlet", "page", "and", by_outlet=True),
    Task("page_and_date", "page, AND, date range", "page", "and", by_date=True),
    Task("page_or_outlet_date", "page, OR, outlet and dates", "page", "or", by_outlet=True, by_date=True),
    Task("top_or", "top 10, OR", "top", "or"),
    Task("top_and", "top 10, AND", "top", "and"),
    Task("top_phrase", "top 10, phrase", "top", "phrase"),
    Task("top_term", "top 10, one word", "top", "term"),
)
TASK_BY_NAME: Final = {task.name: task for task in TASKS}
