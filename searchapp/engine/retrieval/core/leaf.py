"""The words and phrases of a query after analysis."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from searchapp.analysis.analyzer import ArabicAnalyzer, exact_forms
from searchapp.analysis.token_filters import is_particle_apart, is_question_word
from searchapp.engine.protocol import Variants
from searchapp.engine.retrieval.core.construction import fast_constructor
from searchapp.engine.retrieval.core.weights import FORMS, TEXT_FIELDS, Form, TextFieldName
from searchapp.frozen import dataclass
from searchapp.model import SearchRequest
from searchapp.query.tree import WILDCARD_LETTERS, And, Expression, Not, Or, Phrase, Word, Words

_WILDCARDS: Final = re.compile(r"([*?])")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A word or phrase as the index knows it: one token for a word, several for a phrase or for words written as one.

    `exact_terms`, `lemma_terms` and `light_terms` are its tokens' forms, `stops` which of them are stop words.
    `variants` are the lemmas of a word's other spellings, and how much like it they are. `exact` asks for the very
    forms, `title` for titles only. `expansion` is a word that stands for others: a prefix, for words that begin with
    the last token, or one with wildcards or a tilde. `quoted` is a phrase, in which very forms come first. `stop` is
    a stop word or one that a question asks with: it only counts where nothing else is asked for.
    `forms` are the forms it is looked up by, the widest last: a stop word's lemma would match too much.
    `key` is equal for leaves that match the same, however they were written. `shown` are the terms that it is looked up
    by, as a reader is told them.
    """

    text: str
    exact_terms: tuple[str, ...]
    lemma_terms: tuple[str, ...]
    light_terms: tuple[str, ...]
    variants: tuple[tuple[str, float], ...]
    stops: tuple[bool, ...]
    exact: bool
    expansion: Word | None
    title: bool
    quoted: bool
    slop: int
    stop: bool
    forms: tuple[Form, ...]
    key: tuple[object, ...]
    shown: tuple[str, ...]

    @property
    def fields(self) -> tuple[TextFieldName, ...]:
        """The fields it is looked up in."""
        return ("title",) if self.title else TEXT_FIELDS

    @property
    def is_prefix(self) -> bool:
        """Whether it asks for words that begin with its last token."""
        return self.expansion is not None and self.expansion.prefix

    def terms(self, form: Form) -> tuple[str, ...]:
        """The index terms of one form, in order."""
        return self.exact_terms if form == "exact" else self.lemma_terms


_leaf: Final = fast_constructor(Leaf)


def analyze_leaf(
    node: Word | Phrase, request: SearchRequest, analyzer: ArabicAnalyzer, variants: Variants | None = None
) -> Leaf | None:
    """Analyse a word or phrase; None when it has no word in it."""
    if isinstance(node, Word) and (node.wildcard or node.fuzzy):
        return _pattern_leaf(node, request)
    tokens = [forms for _, _, forms in analyzer.occurrences(node.text)]
    if not tokens:
        return None
    quoted = isinstance(node, Phrase)
    expansion = node if isinstance(node, Word) and node.prefix else None
    exact = node.exact or request.exact
    title = node.field == "title" or request.field == "title"
    slop = node.slop if isinstance(node, Phrase) else 0
    stops = tuple(forms.stop for forms in tokens)
    stop = not (quoted or expansion) and (
        # What a question asks with is not in its answer.
        all(forms.stop or is_question_word(forms.exact) for forms in tokens)
        or is_particle_apart(node.text, tokens[0].exact)
    )
    exact_terms = tuple(forms.exact for forms in tokens)
    lemma_terms = tuple(forms.lemma for forms in tokens)
    plain = not (quoted or expansion or exact or stop) and len(tokens) == 1
    forms: tuple[Form, ...] = ("exact",) if exact or stop else FORMS
    return _leaf(
        text=node.text,
        exact_terms=exact_terms,
        lemma_terms=lemma_terms,
        light_terms=tuple(forms.light for forms in tokens),
        variants=variants(lemma_terms[0]) if variants and plain else (),
        stops=stops,
        exact=exact,
        expansion=expansion,
        title=title,
        quoted=quoted,
        slop=slop,
        stop=stop,
        forms=forms,
        key=(exact_terms, exact, expansion and expansion.sign, title, quoted, slop),
        shown=tuple(
            dict.fromkeys([" ".join(exact_terms if form == "exact" else lemma_terms) for form in forms]),
        ),
    )


def _pattern_leaf(node: Word, request: SearchRequest) -> Leaf | None:
    """A word with wildcards, or a fuzzy one: one token, its letters folded as exact forms are."""
    pattern = "".join(_folded(_WILDCARDS.split(node.text)))
    if len(_WILDCARDS.sub("", pattern)) < WILDCARD_LETTERS:
        return None
    title = node.field == "title" or request.field == "title"
    return Leaf(
        text=node.text,
        exact_terms=(pattern,),
        lemma_terms=(pattern,),
        light_terms=(pattern,),
        variants=(),
        stops=(False,),
        exact=True,
        expansion=node,
        title=title,
        quoted=False,
        slop=0,
        stop=False,
        forms=("exact",),
        key=(pattern, node.wildcard, node.fuzzy, title),
        shown=(pattern,),
    )


def _folded(pieces: list[str]) -> Iterator[str]:
    """Exact forms of the pieces between wildcards, which stay as they are."""
    for piece in pieces:
        yield piece if piece in ("", "*", "?") else exact_forms([piece])[0]


def word_nodes(expression: Expression | None) -> Iterator[Word | Phrase]:
    """All words and phrases of a query in reading order, those that must not occur among them."""
    if isinstance(expression, Word | Phrase):
        yield expression
    elif isinstance(expression, Not):
        yield from word_nodes(expression.member)
    elif isinstance(expression, And | Or | Words):
        for member in expression.members:
            yield from word_nodes(member)
