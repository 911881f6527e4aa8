"""Stock Whoosh, with the Snowball stemmer for Arabic."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import snowballstemmer  # type: ignore[import-not-found]  # lives in the peers' environment
import whoosh
from whoosh import analysis, fields, highlight, qparser, query
from whoosh import index as whoosh_index

from bench.corpus import read_articles
from bench.peers.stop_words import STOP_WORDS
from bench.protocol import HITS, TITLE_WEIGHT, Engine, Filters, Page, PageHit, main
from bench.tasks import Mode

WORD: Final = r"[\w\u064B-\u065F\u0670]+"
"""Python's word characters leave the Arabic vowel signs out; without them a vocalised word would fall apart."""
WRITER_MEGABYTES: Final = 512
SNIPPET_PASSAGES: Final = 2
CONTEXT_CHARACTERS: Final = 60

_STEMMER: Final = snowballstemmer.stemmer("arabic")


def stem_word(word: str) -> str:
    """The stem of a word. A function of this module, because Whoosh pickles it with the schema."""
    return str(_STEMMER.stemWord(word))


def _schema() -> Any:
    chain = (
        analysis.RegexTokenizer(WORD)
        | analysis.LowercaseFilter()
        | analysis.StopFilter(stoplist=frozenset(STOP_WORDS), minsize=1)
        | analysis.StemFilter(stemfn=stem_word, cachesize=-1)
    )
    return fields.Schema(
        number=fields.STORED,
        title=fields.TEXT(analyzer=chain, stored=True),
        text=fields.TEXT(analyzer=chain, stored=True),
        outlet=fields.ID(stored=True, sortable=True),
        month=fields.ID(sortable=True),
        day=fields.ID(stored=True, sortable=True),
    )


def _filter(filters: Filters) -> Any:
    clauses: list[Any] = []
    if filters.outlet is not None:
        clauses.append(query.Term("outlet", filters.outlet))
    if filters.dates is not None:
        clauses.append(query.TermRange("day", *filters.dates))
    return query.And(clauses) if clauses else None


class WhooshEngine(Engine):
    """One index, one searcher."""

    def version(self) -> str:
        return f"Whoosh {whoosh.versionstring()}"

    def build(self, corpus: Path, index: Path) -> int:
        return self._write(corpus, whoosh_index.create_in(str(index), _schema()))

    def add(self, corpus: Path, index: Path) -> None:
        self._write(corpus, whoosh_index.open_dir(str(index)))

    def _write(self, corpus: Path, opened: Any) -> int:
        writer = opened.writer(limitmb=WRITER_MEGABYTES)
        count = 0
        for number, article in enumerate(read_articles(corpus)):
            writer.add_document(
                number=number,
                title=article.title,
                text=article.text,
                outlet=article.source,
                month=article.date[:7],
                day=article.date,
            )
            count += 1
        writer.commit()
        opened.close()
        return count

    def open(self, index: Path) -> None:
        opened = whoosh_index.open_dir(str(index))
        self._searcher = opened.searcher()
        self._parsers = {
            mode: qparser.MultifieldParser(
                ["title", "text"], opened.schema, fieldboosts={"title": TITLE_WEIGHT}, group=group
            )
            for mode, group in (("or", qparser.OrGroup), ("and", qparser.AndGroup))
        }

    def _parse(self, words: str, mode: Mode) -> Any:
        if mode == "phrase":
            return self._parsers["and"].parse(f'"{words}"')
        return self._parsers["and" if mode == "and" else "or"].parse(words)

    def top(self, words: str, mode: Mode) -> list[str]:
        return [str(hit["number"]) for hit in self._searcher.search(self._parse(words, mode), limit=HITS)]

    def page(self, words: str, mode: Mode, filters: Filters) -> Page:
        found = self._searcher.search(
            self._parse(words, mode), limit=HITS, filter=_filter(filters), groupedby=["outlet", "month"]
        )
        found.formatter = highlight.HtmlFormatter(tagname="b")
        found.fragmenter.surround = CONTEXT_CHARACTERS
        # Grouping makes Whoosh collect every match whatever the limit, so that the ten have to be cut off.
        hits = [
            PageHit(
                str(hit["number"]),
                hit["title"],
                hit["outlet"],
                hit["day"],
                hit.highlights("text", top=SNIPPET_PASSAGES) or "",
            )
            for hit in found[:HITS]
        ]
        outlets, months = (
            {name: len(members) for name, members in found.groups(facet).items()} for facet in ("outlet", "month")
        )
        return Page(sum(outlets.values()), hits, outlets, months)


if __name__ == "__main__":
    main(WhooshEngine())
