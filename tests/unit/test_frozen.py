"""Our frozen dataclasses do what those of the standard library do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from functools import cached_property
from typing import Any, cast

import pytest

from searchapp import frozen


@frozen.dataclass(frozen=True, slots=True)
class Point:
    """With a default, and one made anew each time."""

    x: int
    y: int = 2
    names: list[str] = dataclasses.field(default_factory=list)

    @property
    def total(self) -> int:
        return self.x + self.y


@dataclasses.dataclass(frozen=True, slots=True)
class Reference:
    """The same by the standard library."""

    x: int
    y: int = 2
    names: list[str] = dataclasses.field(default_factory=list)


@frozen.dataclass(frozen=True, slots=True, kw_only=True)
class ByName:
    """Fields that go by name alone."""

    first: str
    second: tuple[int, ...] = ()


@frozen.dataclass(frozen=True)
class Remembering:
    """Without slots, for what is kept beside the fields."""

    values: tuple[int, ...]

    @cached_property
    def total(self) -> int:
        return sum(self.values)


@frozen.dataclass(frozen=True, slots=True)
class Empty:
    """No field at all."""


Made = Callable[..., Any]


def outcome(call: Callable[[], object]) -> object:
    """What a call gives, or the kind of its error."""
    try:
        return call()
    except Exception as error:
        return type(error)


@pytest.mark.parametrize(
    "deed",
    [
        lambda made: made(1),
        lambda made: made(1, 3, ["a"]),
        lambda made: made(y=5, x=4),
        lambda made: made(),
        lambda made: made(1, 2, [], 4),
        lambda made: made(z=1),
        lambda made: dataclasses.replace(made(1), y=9),
        lambda made: copy.deepcopy(made(1, 2, ["a"])),
    ],
)
def test_one_is_made_as_by_the_standard_library(deed: Callable[[Made], Any]) -> None:
    ours, theirs = outcome(lambda: deed(Point)), outcome(lambda: deed(Reference))
    if isinstance(theirs, type):
        assert ours is theirs
    else:
        assert repr(ours) == repr(theirs).replace("Reference", "Point")
        assert dataclasses.asdict(cast(Any, ours)) == dataclasses.asdict(cast(Any, theirs))


def test_equal_are_those_of_one_class_with_equal_fields() -> None:
    assert Point(1) == Point(1, 2, [])
    assert Point(1) != Point(2)
    assert Point(1) != cast(object, Reference(1))
    assert Point(1) != cast(object, (1, 2, []))
    assert hash(ByName(first="a")) == hash(ByName(first="a", second=()))
    assert {Remembering((1, 2)): "found"}[Remembering((1, 2))] == "found"
    assert Empty() == Empty()
    with pytest.raises(TypeError):
        hash(Point(1))  # a list has no hash


def test_without_eq_each_equals_itself_alone() -> None:
    @frozen.dataclass(frozen=True, slots=True, eq=False)
    class Marked:
        value: int

    one = Marked(1)
    assert one == one  # noqa: PLR0124 - what is asked
    assert one != Marked(1)
    assert len({one, Marked(1)}) == 2


def test_lists_made_by_default_are_not_shared() -> None:
    one = Point(1)
    one.names.append("a")
    assert Point(1).names == []


def test_nothing_can_be_changed() -> None:
    point = cast(Any, Point(1))
    changes: list[Callable[[], None]] = [
        lambda: setattr(point, "x", 2),
        lambda: setattr(point, "other", 2),
        lambda: delattr(point, "x"),
        lambda: setattr(Remembering((1,)), "values", ()),
    ]
    for change in changes:
        with pytest.raises(dataclasses.FrozenInstanceError):
            change()
    assert not hasattr(point, "__dict__")


@pytest.mark.parametrize("value", [Point(1, 2, ["a"]), ByName(first="a"), Remembering((1, 2)), Empty()])
def test_they_go_through_pickle_and_copy(value: object) -> None:
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(value, protocol)) == value  # noqa: S301 - our own
    assert copy.copy(value) == copy.deepcopy(value) == value


def test_they_match_by_place_and_keep_what_else_a_class_has() -> None:
    match Point(1, 5):
        case Point(x, y):
            assert (x, y) == (1, 5)
    assert Point(1).total == 3
    assert Remembering((1, 2)).total == 3
    assert Point.__doc__ == "With a default, and one made anew each time."


def test_one_that_holds_itself_can_be_shown() -> None:
    point = Point(1)
    cast(Any, point.names).append(point)
    assert repr(point) == "Point(x=1, y=2, names=[...])"


def test_what_is_more_than_fields_is_made_by_the_standard_library() -> None:
    @frozen.dataclass(frozen=True, slots=True)
    class Checked:
        value: int

        def __post_init__(self) -> None:
            if self.value < 0:
                raise ValueError("below zero")

    @frozen.dataclass(slots=True)
    class Changing:
        value: int

    with pytest.raises(ValueError, match="below zero"):
        Checked(-1)
    changing = Changing(1)
    changing.value = 2
    assert (Checked(1).value, changing.value) == (1, 2)


def test_a_field_that_is_left_out_of_a_method_is_refused() -> None:
    with pytest.raises(TypeError, match=r"dataclasses\.dataclass"):

        @frozen.dataclass(frozen=True, slots=True)
        class Secret:
            value: int = dataclasses.field(repr=False)
