"""tantivy, by its Python package, with its Arabic stemmer."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import tantivy  # type: ignore[import-not-found]  # lives in the peers' environment

from bench.corpus import read_articles
from bench.peers.stop_words import STOP_WORDS
from bench.protocol import HITS, SNIPPET_CHARACTERS, TITLE_WEIGHT, Engine, Filters, Page, PageHit, main
from bench.tasks import Mode

ANALYZER: Final = "arabic"
LONGEST_WORD: Final = 80
WRITER_BYTES: Final = 256_000_000
AGGREGATIONS: Final = {
    "outlet": {"terms": {"field": "outlet", "size": 50}},
    "month": {"terms": {"field": "month", "size": 200}},
}


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("number", stored=True, indexed=False, fast=True)
    builder.add_text_field("title", stored=True, tokenizer_name=ANALYZER)
    builder.add_text_field("text", stored=True, tokenizer_name=ANALYZER)
    builder.add_text_field("outlet", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("month", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("day", stored=True, indexed=True, fast=True)
    return builder.build()


def _analyzer() -> Any:
    filters = (
        tantivy.Filter.remove_long(LONGEST_WORD),
        tantivy.Filter.lowercase(),
        tantivy.Filter.custom_stopword(STOP_WORDS),
        tantivy.Filter.stemmer("arabic"),
    )
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for one in filters:
        builder = builder.filter(one)
    return builder.build()


def _day_number(day: str) -> int:
    """2015-07-21 as 20150721."""
    return int(day.replace("-", ""))


class TantivyEngine(Engine):
    """One index, one searcher, one thread."""

    def version(self) -> str:
        return f"tantivy {version('tantivy')}, {self._searcher.num_segments} segments"

    def build(self, corpus: Path, index: Path) -> int:
        return self._write(corpus, tantivy.Index(_schema(), path=str(index)))

    def add(self, corpus: Path, index: Path) -> None:
        self._write(corpus, tantivy.Index.open(str(index)))

    def _write(self, corpus: Path, opened: Any) -> int:
        opened.register_tokenizer(ANALYZER, _analyzer())
        writer = opened.writer(heap_size=WRITER_BYTES, num_threads=1)
        count = 0
        for number, article in enumerate(read_articles(corpus)):
            document = tantivy.Document(
                number=number,
                title=article.title,
                text=article.text,
                outlet=article.source,
                month=article.date[:7],
                day=_day_number(article.date),
            )
            writer.add_document(document)
            count += 1
        writer.commit()
        writer.wait_merging_threads()
        return count

    def open(self, index: Path) -> None:
        self._index = tantivy.Index.open(str(index))
        self._index.register_tokenizer(ANALYZER, _analyzer())
        self._index.reload()
        self._searcher = self._index.searcher()
        self._schema = self._index.schema

    def _parse(self, words: str, mode: Mode) -> Any:
        return self._index.parse_query(
            f'"{words}"' if mode == "phrase" else words,
            ["title", "text"],
            field_boosts={"title": TITLE_WEIGHT},
            conjunction_by_default=mode == "and",
        )

    def top(self, words: str, mode: Mode) -> list[str]:
        found = self._searcher.search(self._parse(words, mode), limit=HITS, count=False).hits
        if not found:
            return []
        return [str(number) for number in self._searcher.fast_field_values("number", [place for _, place in found])]

    def _filtered(self, query: Any, filters: Filters) -> Any:
        """The query with the filters as clauses that add nothing to the score."""
        clauses = []
        if filters.outlet is not None:
            clauses.append(tantivy.Query.term_query(self._schema, "outlet", filters.outlet, "basic"))
        if filters.dates is not None:
            first, last = (_day_number(day) for day in filters.dates)
            kind = tantivy.FieldType.Integer
            clauses.append(tantivy.Query.range_query(self._schema, "day", kind, first, last, True, True))
        if not clauses:
            return query
        unscored = [(tantivy.Occur.Must, tantivy.Query.const_score_query(clause, 0.0)) for clause in clauses]
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *unscored])

    def page(self, words: str, mode: Mode, filters: Filters) -> Page:
        text_query = self._parse(words, mode)
        query = self._filtered(text_query, filters)
        found = self._searcher.search(query, limit=HITS, count=False).hits
        facets = self._searcher.aggregate(query, AGGREGATIONS)
        snippets = tantivy.SnippetGenerator.create(self._searcher, text_query, self._schema, "text")
        snippets.set_max_num_chars(SNIPPET_CHARACTERS)
        outlets, months = (
            {bucket["key"]: bucket["doc_count"] for bucket in facets[name]["buckets"]} for name in ("outlet", "month")
        )
        hits = [self._hit(place, snippets) for _, place in found]
        # Every article has one outlet, so the facet gives the total; a counting collector would only cost more.
        return Page(sum(outlets.values()), hits, outlets, months)

    def _hit(self, place: Any, snippets: Any) -> PageHit:
        stored = self._searcher.doc(place)
        number, title, outlet, day = (stored.get_first(name) for name in ("number", "title", "outlet", "day"))
        return PageHit(str(number), title, outlet, str(day), snippets.snippet_from_doc(stored).to_html())


if __name__ == "__main__":
    main(TantivyEngine())
