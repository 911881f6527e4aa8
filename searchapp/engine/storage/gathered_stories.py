"""Stories as that of them of which an index is made, in a form that goes to another process at next to no cost.

A story gives the texts of four fields: title, body, keywords, and what its other copies say. A title that was inferred
from the lead is not indexed a second time.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import orjson

from searchapp.engine.storage.one_line import JoinedTexts, on_one_line
from searchapp.model import UNKNOWN_OUTLET, Article, Story

_encode_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_POINTS: Final = {2: "<u2", 4: "<u4"}


class StoryFacts(NamedTuple):
    """What is said of stories, in order: `copies` counts the articles of each; outlets and dates are of these.

    Dates are day ordinals, 0 without one. `records` are what a hit shows but for its texts, dates and outlets, each a
    JSON list: [the title where it is inferred (else null), [[id, date origin, URL] a copy]].
    """

    numbers: list[int]
    sequences: list[int]
    copies: list[int]
    outlets: list[str]
    dates: list[int]
    records: list[bytes]


class GatheredStories(NamedTuple):
    """Stories that have articles: what is said of them, and the texts of their fields, story by story."""

    facts: StoryFacts
    texts: JoinedTexts

    def packed(self) -> tuple[memoryview, bytes]:
        """As bytes in two pieces, the texts first, so that they lie where arrays may."""
        points, lengths = self.texts
        return points.data.cast("B"), pickle.dumps((points.itemsize, lengths, self.facts), pickle.HIGHEST_PROTOCOL)

    @classmethod
    def unpacked(cls, texts: memoryview, others: memoryview) -> GatheredStories:
        """What was `packed` by a process of ours; the texts stay where they are."""
        width, lengths, facts = pickle.loads(others)  # noqa: S301 - of a process that we started, or that started us
        return cls(facts, JoinedTexts(np.frombuffer(texts, _POINTS[width]), lengths))


def gather(stories: Sequence[Story]) -> GatheredStories:
    """What an index needs of stories that have articles."""
    articles = [article for story in stories for article in story.articles]
    facts = StoryFacts(
        [story.number for story in stories],
        [story.sequence for story in stories],
        [len(story.articles) for story in stories],
        [article.outlet or UNKNOWN_OUTLET for article in articles],
        [article.date.toordinal() if article.date else 0 for article in articles],
        list(map(_record, stories)),
    )
    return GatheredStories(facts, JoinedTexts.of([piece for story in stories for piece in _pieces(story)]))


def _pieces(story: Story) -> tuple[str, str, str, str]:
    """The texts of a story's four fields; the last is all of what its other copies say."""
    article = story.articles[0]
    others = "\n".join(part for copy in story.articles[1:] for part in (_title(copy), copy.body, copy.keywords) if part)
    return _title(article), article.body, article.keywords or "", others


def _title(article: Article) -> str:
    return "" if article.title_inferred else article.title or ""


def _record(story: Story) -> bytes:
    article = story.articles[0]
    inferred = on_one_line(article.title or "") if article.title_inferred else None
    record = [inferred, [[copy.id, copy.date_origin, copy.url] for copy in story.articles]]
    try:
        return orjson.dumps(record)
    except orjson.JSONEncodeError:  # a lone surrogate
        return _encode_json(record).encode("utf-8", "surrogatepass")
