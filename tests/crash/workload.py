"""What an archive goes through in its life, in steps that may each be killed, cut off and given again.

Every step is given through the public functions. A step that is given twice does what it does once.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from searchapp import SearchRequest, indexing, open_index
from searchapp.archive import intake
from searchapp.archive.directory import DataDirectory
from searchapp.archive.reading import ArchiveReader
from searchapp.archive.store import Archive
from searchapp.config import LIMITS
from searchapp.engine.storage import segment_writing
from searchapp.errors import ArticleNotFound

Kind = Literal["index", "update", "delete", "optimize", "rebuild"]
ARTICLES: Final = 6
"""In the source of each step that has one; they are taken in in several transactions and commits."""
CYCLE: Final[tuple[Kind, ...]] = (
    *("index", "index", "update", "index", "delete", "index", "optimize", "index", "update", "rebuild"),
)


class Silent:
    """Progress that nobody watches."""

    def start(self, total_bytes: int) -> None: ...

    def advance(self, consumed_bytes: int, articles: int) -> None: ...

    def phase(self, name: str, done: int, total: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `about` is the earlier step whose articles are updated, or whose first one is deleted."""

    number: int
    kind: Kind
    about: int


def make_steps(count: int) -> list[Step]:
    """So many steps; the first is one that indexes."""
    steps: list[Step] = []
    for number in range(count):
        indexed = [step.number for step in steps if step.kind == "index"]
        steps.append(Step(number, CYCLE[number % len(CYCLE)], indexed[-1] if indexed else -1))
    return steps


def commit_often() -> None:
    """Let a run of a few articles be several transactions and commits, in this process from now on.

    Their segments are synced ahead of their end, too, as only large ones are otherwise.
    """
    # Replaced where they are read: a limit is a setting of the program, not of a call.
    intake.LIMITS = replace(LIMITS, batch_articles=2)  # type: ignore[attr-defined]
    intake.COMMIT_SECONDS = 0
    indexing.STORIES_PER_COMMIT = 4  # type: ignore[misc]
    segment_writing.SYNCED_AHEAD = 1  # type: ignore[misc]


def identifier(step: int, article: int) -> str:
    return f"a{step}-{article}"


def word_of(step: int, article: int) -> str:
    """A number that stands in this version of this article alone."""
    return str(1_000_000 + step * 100 + article)


def write_sources(folder: Path, steps: list[Step]) -> None:
    """The sources of all steps; an update has another text for the same ids."""
    folder.mkdir()
    for step in steps:
        if step.kind in ("index", "update"):
            owner = step.about if step.kind == "update" else step.number
            lines = [_line(owner, step.number, article) for article in range(ARTICLES)]
            (folder / f"{step.number}.jsonl").write_text("".join(lines), encoding="utf-8")


def _line(owner: int, step: int, article: int) -> str:
    text = f"خبر رقم {word_of(step, article)} عن مدينة كبيرة وقرار جديد"
    # The last article of a source repeats the text of the first: a copy of its story.
    same = f"خبر منقول عن الوكالة كما هو {step}"
    record = {"id": identifier(owner, article), "text": same if article in (3, ARTICLES - 1) else text}
    return json.dumps(record | {"source": "سبق", "date": "2024-06-25"}, ensure_ascii=False) + "\n"


def run_step(directory: Path, sources: Path, step: Step) -> None:
    """Do one step, or do it again."""
    if step.kind in ("index", "update"):
        source = sources / f"{step.number}.jsonl"
        indexing.index_paths(directory, [source], indexing.IndexOptions(), Silent())
    elif step.kind == "delete":
        delete(directory, identifier(step.about, 0))
    elif step.kind == "optimize":
        indexing.optimize(directory)
    else:
        indexing.rebuild(directory, Silent())


def delete(directory: Path, article: str) -> None:
    """Delete an article from the archive, if that has not been done; the index follows with the next step."""
    data = DataDirectory(directory)
    with data.writing(create=False), Archive(data.archive) as archive:
        try:
            with archive.transaction():
                archive.delete(article)
        except ArticleNotFound:
            return


def words_after(steps: list[Step]) -> dict[str, int]:
    """What the archive holds after these steps: for each id, the step whose text it has."""
    held: dict[str, int] = {}
    deleted: set[str] = set()
    for step in steps:
        if step.kind == "delete":
            held.pop(identifier(step.about, 0), None)
            deleted.add(identifier(step.about, 0))
        elif step.kind in ("index", "update"):
            owner = step.about if step.kind == "update" else step.number
            names = [identifier(owner, article) for article in range(ARTICLES)]
            held.update({name: step.number for name in names if name not in deleted})
    return held


def held_in_archive(directory: Path) -> dict[str, int]:
    """What the archive holds now: for each id, the step whose text it has. Every row is checked."""
    with ArchiveReader(DataDirectory(directory).archive) as archive:
        articles = [article for story in archive.stories() for article in story.articles]
    return {article.id: _step_of(article.body) for article in articles}


def _step_of(body: str) -> int:
    number = int(next(word for word in reversed(body.split()) if word.isdigit()))
    return (number - 1_000_000) // 100 if number >= 1_000_000 else number


def found_in_index(directory: Path) -> dict[str, int]:
    """What a search for everything finds, with the text that it shows."""
    with open_index(directory) as index:
        found: dict[str, int] = {}
        page = 1
        while hits := index.search(SearchRequest(q="خبر", page=page, per_page=LIMITS.per_page)).hits:
            for hit in hits:
                assert hit.snippet is not None
                found |= dict.fromkeys((copy.id for copy in hit.copies), _step_of(hit.snippet.text))
            page += 1
        return found


def strangers(directory: Path) -> list[str]:
    """Files that no commit and no part of the data directory names: what a dead writer left."""
    data = DataDirectory(directory)
    number, index = data.current_index()
    left = [str(path) for path in index.parent.iterdir() if path.name not in (str(number), str(number - 1))]
    (commit,) = index.glob("commit.*.json")
    text = commit.read_text(encoding="utf-8")
    for path in index.iterdir():
        named = path.name == commit.name or path.suffix == ".toc" or path.name.removesuffix(".seg") in text
        left += [] if named else [str(path)]
    return left + [str(path) for path in directory.iterdir() if path.name.endswith(".new")]


def open_files() -> int:
    """How many files this process has open."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a Path would open one more
