"""How well the product finds, on collections with judged queries, beside Lucene: `python -m bench.relevance`."""
