"""Frozen dataclasses that are defined in a quarter of the time, and made in half.

`from searchapp.frozen import dataclass` stands for the one of the standard library, which compiles seven functions a
class while a module is imported: half a millisecond each, for dozens of classes before the first search is answered.
Here one is compiled, `__init__`; what is the same for all classes is shared. `fields`, `replace`, `asdict`, `match` and
`pickle` take them as they take any dataclass.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

__all__ = ["dataclass"]

Class = TypeVar("Class")

_OF_ITS_OWN: Final = frozenset(
    {"__post_init__", "__init__", "__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__", "__getstate__"}
)
"""A class that has one of these, or another base than `object`, is made by the standard library."""


def _dataclass(
    *, frozen: bool = False, slots: bool = False, kw_only: bool = False, eq: bool = True
) -> Callable[[type[Class]], type[Class]]:
    """A decorator as `dataclasses.dataclass`; what is not frozen is made by that."""

    def decorate(cls: type[Class]) -> type[Class]:
        if not frozen or cls.__bases__ != (object,) or _OF_ITS_OWN & vars(cls).keys():
            return dataclasses.dataclass(frozen=frozen, slots=slots, kw_only=kw_only, eq=eq)(cls)
        made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)(cls)
        _complete(made, dataclasses.fields(made), eq=eq)  # type: ignore[arg-type]
        return made

    return decorate


def _complete(cls: Any, fields: tuple[Field[Any], ...], *, eq: bool) -> None:
    """Give a class the methods of a frozen dataclass; without `eq`, each object equals itself alone.

    Raises:
        TypeError: a field is not in all of them.
    """
    if not all(one.init and one.repr and one.compare and one.hash is None for one in fields):
        raise TypeError(f"a field of {cls.__qualname__} is left out of a method: use dataclasses.dataclass for it")
    values = _values_of([one.name for one in fields])

    def equal(self: Any, other: object) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return values(self) == values(other)

    def state(self: Any) -> tuple[Any, ...]:
        return values(self)

    def state_from(self: Any, state: tuple[Any, ...]) -> None:
        for one, value in zip(fields, state, strict=True):
            object.__setattr__(self, one.name, value)

    cls.__init__ = _constructor(cls, fields)
    cls.__repr__ = _written
    if eq:
        cls.__eq__, cls.__hash__ = equal, lambda self: hash(values(self))
    cls.__setattr__, cls.__delattr__ = _refuse_to_set, _refuse_to_delete
    cls.__getstate__, cls.__setstate__ = state, state_from
    cls.__dataclass_params__.frozen, cls.__dataclass_params__.eq = True, eq


def _values_of(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What gives the values of these attributes; of one, `attrgetter` would give the value alone."""
    return attrgetter(*names) if len(names) > 1 else lambda self: tuple(getattr(self, name) for name in names)


def _constructor(cls: Any, fields: tuple[Field[Any], ...]) -> Callable[..., None]:
    """`__init__`, written out for the fields of a class; where there are slots, each is filled by the slot itself."""
    slots = vars(cls).get("__slots__", ())
    names: dict[str, Any] = {"MISSING": MISSING, "_set": object.__setattr__}
    lines = []
    for one in fields:
        value = one.name
        if one.default_factory is not MISSING:
            names[f"_make_{one.name}"] = one.default_factory
            value = f"_make_{one.name}() if {one.name} is MISSING else {one.name}"
        names[f"_default_{one.name}"] = one.default
        if one.name in slots:
            names[f"_set_{one.name}"] = getattr(cls, one.name).__set__
            lines.append(f" _set_{one.name}(self, {value})")
        else:
            lines.append(f" _set(self, {one.name!r}, {value})")
    exec("\n".join([f"def __init__({_parameters(fields)}):", *lines, " pass"]), names)  # noqa: S102 (our own fields)
    made: Callable[..., None] = names["__init__"]
    made.__qualname__ = f"{cls.__qualname__}.__init__"
    return made


def _parameters(fields: tuple[Field[Any], ...]) -> str:
    """The parameters of `__init__`, in the order of the fields, those that go by name alone behind a star."""
    by_place, by_name = ["self"], ["*"]
    for one in fields:
        optional = one.default is not MISSING or one.default_factory is not MISSING
        (by_name if one.kw_only else by_place).append(f"{one.name}=_default_{one.name}" if optional else one.name)
    return ", ".join(by_place + (by_name if len(by_name) > 1 else []))


@recursive_repr()
def _written(self: Any) -> str:
    shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in dataclasses.fields(self))
    return f"{self.__class__.__qualname__}({shown})"


def _refuse_to_set(_self: object, name: str, _value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _dataclass
