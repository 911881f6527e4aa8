"""The arithmetic of the results: percentiles of one round, medians over rounds, ratios to the best peer."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """CPU time of one query in milliseconds: the median over rounds of each round's p50 and p95.

    `wall_p50` is the same for wall time, and `process_mean` the mean CPU time of the whole process a query, which
    counts what happens beside the query's own thread: a virtual machine's compiler and garbage collector.
    """

    p50: float
    p95: float
    wall_p50: float
    process_mean: float


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one task for one engine: times in microseconds, one a query, and of the process in all."""

    cpu_us: list[float]
    wall_us: list[float]
    process_us: float


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0–1) of the values lie, interpolated between neighbours.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values, so no percentile")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def spread(rounds: Sequence[Round]) -> Spread:
    """What all rounds of a task say together; the median keeps one disturbed round from counting."""
    return Spread(
        p50=statistics.median(percentile(one.cpu_us, 0.50) for one in rounds) / 1e3,
        p95=statistics.median(percentile(one.cpu_us, 0.95) for one in rounds) / 1e3,
        wall_p50=statistics.median(percentile(one.wall_us, 0.50) for one in rounds) / 1e3,
        process_mean=statistics.median(one.process_us / len(one.cpu_us) for one in rounds) / 1e3,
    )


def ratios(values: Mapping[str, float], peers: Sequence[str]) -> dict[str, float]:
    """Each engine's value over the least of the peers' values; empty where no peer has one."""
    of_peers = [values[name] for name in peers if name in values]
    return {name: value / min(of_peers) for name, value in values.items()} if of_peers else {}
