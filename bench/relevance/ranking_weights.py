"""The product's table of ranking weights by name, whatever fields it has, so that experiments can set them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from searchapp.engine.retrieval.core.weights import Weights


class BadWeights(Exception):
    """Weights that cannot be read, or a name that no weight has, or more than one; the message says what there is."""


def flat(weights: Any, prefix: str = "") -> dict[str, float]:
    """Every number in a table of weights and the tables within it, by its name with dots: `proximity.slope`."""
    found: dict[str, float] = {}
    for field in fields(weights):
        value = getattr(weights, field.name)
        if is_dataclass(value):
            found |= flat(value, f"{prefix}{field.name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[prefix + field.name] = value
    return found


def full_name(weights: Any, name: str) -> str:
    """The dotted name of a weight that may be given by its last part alone, where that is clear.

    Raises:
        BadWeights: there is none, or more than one.
    """
    known = flat(weights)
    found = [name] if name in known else [one for one in known if one.endswith(f".{name}")]
    if len(found) != 1:
        raise BadWeights(f"{len(found)} weights are called {name!r}; there are: {', '.join(known)}")
    return found[0]


def changed(weights: Weights, values: Mapping[str, float]) -> Weights:
    """The weights with other values for some of them. Raises as `full_name`."""
    for name, value in values.items():
        weights = _replaced(weights, full_name(weights, name).split("."), value)
    return weights


def _replaced(table: Any, path: list[str], value: float) -> Any:
    name, *rest = path
    old = getattr(table, name)
    new = _replaced(old, rest, value) if rest else round(value) if isinstance(old, int) else float(value)
    return replace(table, **{name: new})


def parse_values(text: str) -> dict[str, float]:
    """Read `name=value,…`.

    Raises:
        BadWeights: a pair cannot be read.
    """
    found: dict[str, float] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = pair.partition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            raise BadWeights(f"cannot read {pair!r}: weights are set as name=value, with commas between") from None
    return found


def only(weights: Weights, kept: Iterable[str]) -> Weights:
    """The weights with all but those named `kept` (by their last part) set to 0."""
    wanted = set(kept)
    return changed(weights, {name: 0.0 for name in flat(weights) if name.rpartition(".")[2] not in wanted})
