"""Hits are made fast, and are the same frozen objects all the same."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, asdict, replace
from datetime import date
from typing import Any

import pytest

from searchapp.engine.retrieval.core.construction import constructor_by_place, fast_constructor
from searchapp.model import Copy, Hit, Snippet

COPY: dict[str, Any] = {"id": "a", "outlet": "سبق", "date": date(2024, 6, 25), "url": None}
HIT: dict[str, Any] = {
    "rank": 1,
    "id": "a",
    "story": 7,
    "score": 1.5,
    "title": Snippet("عنوان", ((0, 5),)),
    "title_inferred": False,
    "outlets": ("سبق",),
    "date": date(2024, 6, 25),
    "date_origin": "declared",
    "url": None,
    "snippet": None,
    "copies": (Copy(**COPY),),
}


def test_what_is_made_fast_is_equal_to_what_the_class_makes() -> None:
    made, plain = fast_constructor(Hit)(**HIT), Hit(**HIT)
    assert type(made) is Hit
    assert (made, hash(made), repr(made)) == (plain, hash(plain), repr(plain))
    assert asdict(made) == asdict(plain)
    assert replace(made, rank=2) == replace(plain, rank=2)
    assert pickle.loads(pickle.dumps(made)) == plain  # noqa: S301 (made here)


def test_arguments_by_place_and_defaults_are_those_of_the_class() -> None:
    make = fast_constructor(Snippet)
    assert make("نص") == Snippet("نص")
    assert make("نص", (), True, trailing=True) == Snippet("نص", (), leading=True, trailing=True)
    with pytest.raises(TypeError):
        fast_constructor(Hit)(1)  # type: ignore[call-arg]


def test_what_wants_its_arguments_by_name_may_be_made_by_place() -> None:
    made = constructor_by_place(Hit)(*HIT.values(), True)
    assert made == Hit(**HIT, relaxed=True)
    assert constructor_by_place(Hit)(*HIT.values()) == Hit(**HIT)


def test_what_is_made_fast_cannot_be_changed() -> None:
    made = fast_constructor(Copy)(**COPY)
    with pytest.raises(FrozenInstanceError):
        made.id = "b"  # type: ignore[misc]
