"""Fast construction of the frozen dataclasses that a page of hits is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from typing import Any, ParamSpec, TypeVar, cast

Parameters = ParamSpec("Parameters")
Made = TypeVar("Made")


def fast_constructor(cls: Callable[Parameters, Made]) -> Callable[Parameters, Made]:
    """What makes instances of a frozen dataclass with slots, by the same arguments, several times as fast.

    A frozen dataclass writes each of its fields through `object.__setattr__`, which takes most of the time. Here an
    object of the same layout that is not frozen is filled, and only then becomes an instance of the class. All of it is
    one function, written out for the fields of the class, as dataclasses write their own.
    """
    of_class = fields(cast(Any, cls))
    names = [one.name for one in of_class]
    draft = type("Draft", (), {"__slots__": tuple(names)})
    lines = [
        f"def make({_parameters(of_class)}):",
        " made = draft()",
        *(f" made.{name} = {name}" for name in names),
        " made.__class__ = cls",
        " return made",
    ]
    defaults = {one.name: one.default for one in of_class}
    written: dict[str, Any] = {"draft": draft, "cls": cls, "defaults": defaults}
    exec("\n".join(lines), written)  # noqa: S102 (of names of our own fields)
    return cast(Callable[Parameters, Made], written["make"])


def _parameters(of_class: tuple[Field[Any], ...]) -> str:
    """The parameters of the class, in the order and with the defaults that it gives them."""
    written = [
        (one.kw_only, one.name if one.default is MISSING else f"{one.name}=defaults[{one.name!r}]") for one in of_class
    ]
    by_place, by_name = ([text for kw_only, text in written if kw_only is only] for only in (False, True))
    return ", ".join([*by_place, *(["*", *by_name] if by_name else [])])
