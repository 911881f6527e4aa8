"""What of a query may be highlighted."""

from __future__ import annotations

import pytest

from searchapp.query.parser import parse
from searchapp.query.tree import Phrase, Source, Word
from searchapp.query.walk import positive_leaves, positive_words


def test_words_and_phrases_are_given_in_the_order_of_the_query() -> None:
    expression = parse('b (a OR "c d") AND title:e').expression
    assert positive_words(expression) == (Word("b"), Word("a"), Phrase("c d"), Word("e", field="title"))


@pytest.mark.parametrize("query", ["-a", "-(a OR b)", "NOT (a -b)", "", "source:a date:2024"])
def test_what_is_not_wanted_and_filters_are_no_words(query: str) -> None:
    assert positive_words(parse(query).expression) == ()


def test_filters_are_leaves() -> None:
    assert positive_leaves(parse("a source:b -source:c").expression) == (Word("a"), Source("b"))
