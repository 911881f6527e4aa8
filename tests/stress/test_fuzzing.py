"""A short turn of our own fuzzer in every run of the tests; ten minutes of the guided one, where it is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.stress import fuzz, fuzz_targets
from tests.stress.fuzz_targets import TARGETS
from tests.stress.scale import LONG, note, scaled
from tests.waiting import PATIENCE

SECONDS = scaled(1, 600)
GUIDED = find_spec("atheris") is not None


@pytest.mark.skipif(LONG and GUIDED, reason="the guided form is run")
@pytest.mark.parametrize("name", TARGETS)
def test_changed_seeds_are_results_or_errors_of_ours(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz_targets, "SCRATCH", tmp_path)
    outcome = fuzz.fuzz(TARGETS[name], SECONDS, seed=5)
    assert outcome.failures == ()
    assert outcome.inputs > SECONDS * 5
    note(f"fuzzing {name}", seconds=SECONDS, inputs=outcome.inputs, slowest_ms=round(outcome.slowest * 1000))


if LONG and GUIDED:

    @pytest.mark.parametrize("name", TARGETS)
    def test_what_reaches_new_code_is_a_result_or_an_error_of_ours(
        name: str, tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fuzz_targets, "SCRATCH", tmp_path)
        command = [sys.executable, "-m", "tests.stress.guided_fuzz", name, "--seconds", str(SECONDS)]
        command += ["--folder", str(tmp_path)]
        patience = SECONDS + PATIENCE
        ran = subprocess.run(command, cwd=project_root, capture_output=True, check=False, timeout=patience)
        assert ran.returncode == 0, ran.stderr[-2000:].decode("utf-8", "replace")
        again = fuzz.Outcome()
        TARGETS[name].feed(b"")  # what is loaded once is no input's cost
        for kept in (tmp_path / "failures").glob(f"{name}-*"):
            if kept.suffix != ".log":
                again.count(TARGETS[name], kept.read_bytes())
        assert again.failures == ()
        note(f"guided fuzzing {name}", seconds=SECONDS, **json.loads((tmp_path / f"{name}.json").read_text("utf-8")))
