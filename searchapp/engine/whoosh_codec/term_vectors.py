"""The terms of one field of one document, which `more_like` and `key_terms` ask for.

They are not in the index, which would be larger by them: the stored text is analysed again.
"""

from __future__ import annotations

from collections import defaultdict

from whoosh import formats, matching

from searchapp.analysis.analyzer import default_analyzer
from searchapp.engine.retrieval.core.weights import Form


def term_vector(text: str, form: Form, format_: formats.Format) -> matching.ListMatcher:
    """A matcher over the terms of a text, whose ids are the terms in the order of their letters."""
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for position, (_, _, forms) in enumerate(default_analyzer().occurrences(text)):
        positions[forms.exact if form == "exact" else forms.lemma].append(position)
    terms = sorted(positions)
    frequencies = [float(len(positions[term])) for term in terms]
    return matching.ListMatcher(terms, frequencies, [format_.encode(positions[term]) for term in terms], format_)
