"""A short turn of the fuzzer in every run of the tests; see fuzz.py for long ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stress import fuzz
from tests.stress.scale import note, scaled

SECONDS = scaled(1, 600)


@pytest.mark.parametrize("name", fuzz.TARGETS)
def test_changed_seeds_are_results_or_errors_of_ours(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz, "SCRATCH", tmp_path)
    outcome = fuzz.fuzz(fuzz.TARGETS[name], SECONDS, seed=5)
    assert outcome.failures == ()
    assert outcome.inputs > SECONDS * 50
    note(f"fuzzing {name}", seconds=SECONDS, inputs=outcome.inputs, slowest_ms=round(outcome.slowest * 1000))
