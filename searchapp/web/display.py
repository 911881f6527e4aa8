"""How a reader wants the pages: language, digits and calendar, read from the URL and kept nowhere else.

The choices of the request that is being answered are in a context variable, so that whatever writes a number, a date
or a word need not be handed them. Outside a request they are the defaults.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from functools import lru_cache
from typing import Final, Literal, get_args

from searchapp.errors import InvalidRequest
from searchapp.frozen import dataclass

Language = Literal["ar", "en"]
Digits = Literal["arab", "latn"]
Calendar = Literal["gregorian", "hijri", "both"]

NAMES: Final = ("digits", "cal", "ui")
"""The parameters of the URL, in canonical order; they follow after those of the search."""

DEFAULT_DIGITS: Final[dict[Language, Digits]] = {"ar": "latn", "en": "latn"}
"""The digits of a language where none are asked for; the Arabic press writes both, and its archives mostly these."""

CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "ui": get_args(Language),
    "digits": get_args(Digits),
    "cal": get_args(Calendar),
}

_ARABIC_DIGITS: Final = str.maketrans("0123456789,", "٠١٢٣٤٥٦٧٨٩٬")


@dataclass(frozen=True, slots=True)
class Display:
    """The choices. `digits` are Arabic-Indic or Western; `cal` says in which calendar dates stand beside articles."""

    ui: Language = "ar"
    digits: Digits = "latn"
    cal: Calendar = "both"

    @property
    def direction(self) -> Literal["rtl", "ltr"]:
        """Which way the language of the pages runs."""
        return "rtl" if self.ui == "ar" else "ltr"


_current: ContextVar[Display] = ContextVar("display", default=Display())  # noqa: B039 - it is frozen


def current() -> Display:
    """The choices of the request that is being answered."""
    return _current.get()


def use(display: Display) -> None:
    """Answer this request, or whatever else runs in this context, with these choices."""
    _current.set(display)


def parse(values: Iterable[tuple[str, str]]) -> Display:
    """Read the choices from the parameters of a URL; of several values of a name the last one holds.

    Raises:
        InvalidRequest: a value is none of those there are.
    """
    given = {name: value.strip() for name, value in values if name in CHOICES and value.strip()}
    for name, value in given.items():
        if value not in CHOICES[name]:
            raise InvalidRequest(name, f"{name}={value!r} is not one of {', '.join(CHOICES[name])}")
    return _display(given)


def mended(values: Iterable[tuple[str, str]]) -> Display:
    """The choices that can be read; the others are as if they had not been given."""
    return parse((name, value) for name, value in values if value.strip() in CHOICES.get(name, ()))


@lru_cache
def pairs(display: Display) -> tuple[tuple[str, str], ...]:
    """The parameters of the choices that are no defaults, as (name, value) in canonical order."""
    defaults = {"ui": "ar", "digits": DEFAULT_DIGITS[display.ui], "cal": "both"}
    values = {"ui": display.ui, "digits": display.digits, "cal": display.cal}
    return tuple((name, values[name]) for name in NAMES if values[name] != defaults[name])


def number(value: int) -> str:
    """A whole number in the reader's digits, with separators between the thousands."""
    return in_digits(f"{value:,}")


def in_digits(text: str) -> str:
    """Western digits, and the commas between them, as the reader wants digits."""
    return text.translate(_ARABIC_DIGITS) if _current.get().digits == "arab" else text


def _display(given: dict[str, str]) -> Display:
    ui: Language = "en" if given.get("ui") == "en" else "ar"
    digits = given.get("digits", DEFAULT_DIGITS[ui])
    cal = given.get("cal", "both")
    return Display(
        ui=ui,
        digits="arab" if digits == "arab" else "latn",
        cal="hijri" if cal == "hijri" else "gregorian" if cal == "gregorian" else "both",
    )
