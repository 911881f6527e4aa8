"""The bench's arithmetic and its plot."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.chart import bar_chart
from bench.child import parse_smaps
from bench.figures import Round, percentile, ratios, spread


def test_a_percentile_lies_between_its_neighbours() -> None:
    assert percentile([10.0, 30.0, 20.0, 40.0], 0.5) == 25.0
    assert percentile([1.0, 2.0, 3.0], 0.0) == 1.0
    assert percentile([1.0, 2.0, 3.0], 1.0) == 3.0
    assert percentile([7.0], 0.95) == 7.0


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


@given(st.lists(st.floats(0, 1e9), min_size=1), st.floats(0, 1))
def test_a_percentile_is_within_the_values(values: list[float], share: float) -> None:
    assert min(values) <= percentile(values, share) * (1 + 1e-9)
    assert percentile(values, share) <= max(values) * (1 + 1e-9)


def test_one_disturbed_round_does_not_move_the_result() -> None:
    calm = Round([1000.0, 1000.0], [1100.0, 1100.0], 2400.0)
    disturbed = Round([9000.0, 9000.0], [9900.0, 9900.0], 99000.0)

    result = spread([calm, disturbed, calm])

    assert (result.p50, result.p95, result.wall_p50, result.process_mean) == (1.0, 1.0, 1.1, 1.2)


def test_ratios_are_to_the_best_peer_even_where_the_own_engine_is_better() -> None:
    values = {"own": 1.0, "slow": 8.0, "fast": 4.0}

    assert ratios(values, ["slow", "fast", "absent"]) == {"own": 0.25, "slow": 2.0, "fast": 1.0}


def test_without_a_peer_there_are_no_ratios() -> None:
    assert ratios({"own": 1.0}, ["absent"]) == {}


def test_private_memory_is_clean_and_dirty_together() -> None:
    rollup = (
        "5652-7ffd ---p 00000000 00:00 0    [rollup]\n"
        "Rss:  1672 kB\nPss:  322 kB\nPrivate_Clean:  64 kB\nPrivate_Dirty:  112 kB\nAnonymous:  100 kB\n"
    )

    memory = parse_smaps(rollup)

    assert memory.private == 176 * 1024
    assert (memory.anonymous, memory.proportional, memory.resident) == (100 * 1024, 322 * 1024, 1672 * 1024)


def test_the_plot_has_a_longer_bar_for_a_larger_value() -> None:
    plot = bar_chart("صفحة <1>", "ms", ["a", "b"], [("group", {"a": 0.5, "b": 50.0})])
    document = ElementTree.fromstring(plot)  # noqa: S314 (our own document)

    widths = {bar.get("fill"): float(bar.get("width", "0")) for bar in document.iter() if bar.get("height") == "12"}

    assert list(widths.values()) == sorted(widths.values())
    assert len(widths) == 2
