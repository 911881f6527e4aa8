"""A child of the bench that answers without an index, for the tests of the protocol."""

from __future__ import annotations

from pathlib import Path

from bench.corpus import read_articles
from bench.protocol import Engine, Filters, Page, PageHit, main
from bench.tasks import Mode


class FakeEngine(Engine):
    """Finds one article for everything, and nothing for a phrase."""

    def version(self) -> str:
        return "fake 1"

    def build(self, corpus: Path, index: Path) -> int:
        print("what an engine prints must not end up among the answers")  # noqa: T201 (that is the case)
        count = sum(1 for _ in read_articles(corpus))
        (index / "index").write_bytes(b"0123456789")
        return count

    def add(self, corpus: Path, index: Path) -> None:
        self.open(index)

    def open(self, index: Path) -> None:
        if not (index / "index").exists():
            raise FileNotFoundError("no index here")

    def page(self, words: str, mode: Mode, filters: Filters) -> Page:
        outlet = filters.outlet or "any"
        hit = PageHit("1", words, outlet, filters.dates[0] if filters.dates else "-", f"<b>{words}</b>")
        return Page(1, [hit], {outlet: 1}, {"2015-07": 1})

    def top(self, words: str, mode: Mode) -> list[str]:
        return [] if mode == "phrase" else [words]


if __name__ == "__main__":
    main(FakeEngine())
