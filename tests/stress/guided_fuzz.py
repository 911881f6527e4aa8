"""Fuzzing that is guided by the coverage of our own code, with atheris and libFuzzer (the extra `fuzz`).

`python -m tests.stress.guided_fuzz extraction --seconds 3600` changes the seeds and keeps what reaches new code, in
build/fuzz/extraction, from where a later run goes on. Inputs that fail are put into build/fuzz/failures.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
import traceback
from pathlib import Path
from typing import Final

import atheris

with atheris.instrument_imports(include=["searchapp"]):
    from tests.stress.fuzz_targets import LONGEST, ROOT, TARGETS, WORDS, Target

FOLDER: Final = ROOT / "build" / "fuzz"
SLOW_SECONDS: Final = 1.0
"""Of processor time. Counting coverage takes part of it: what passes this is fed once more without."""
HANGING_SECONDS: Final = 60
TOLD_EVERY: Final = 2.0


class Watched:
    """A target that goes on after a failure, and puts down what happens.

    libFuzzer ends at the first failure, and ends the process without a word to Python: so each failure is kept as a
    file, with its traceback beside it, one of a kind; `outcome` is written every few seconds.
    """

    def __init__(self, target: Target, name: str, folder: Path) -> None:
        self._target, self._name, self._failures = target, name, folder / "failures"
        self._outcome = folder / f"{name}.json"
        self._failures.mkdir(parents=True, exist_ok=True)
        self._kinds: set[str] = set()
        self._inputs, self._slowest, self._told = 0, 0.0, 0.0

    def __call__(self, data: bytes) -> None:
        began = time.process_time()
        try:
            self._target.feed(data)
        except Exception as error:  # every kind is what is looked for
            self._keep(data, traceback.format_exc(), _place(error))
        took = time.process_time() - began
        self._inputs += 1
        if took > self._slowest:
            self._slowest = took
            if took > SLOW_SECONDS:
                self._keep(data, f"took {took:.2f} s\n", f"slow {took:.1f}")
        if time.monotonic() > self._told + TOLD_EVERY:
            self._tell()

    def _keep(self, data: bytes, what: str, kind: str) -> None:
        if kind not in self._kinds:
            self._kinds.add(kind)
            path = self._failures / f"{self._name}-{hashlib.sha256(data).hexdigest()[:12]}"
            path.write_bytes(data)
            path.with_suffix(".log").write_text(what, encoding="utf-8", errors="backslashreplace")
            self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        figures = {"inputs": self._inputs, "slowest_ms": round(self._slowest * 1000), "failures": sorted(self._kinds)}
        self._outcome.write_text(json.dumps(figures), encoding="utf-8")


def _place(error: BaseException) -> str:
    """The kind of an error and the line that raised it."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {frame.filename}:{frame.lineno}"


def write_dictionary(path: Path) -> None:
    """The words that inputs are made of, as libFuzzer reads them."""
    lines = ("".join(f"\\x{byte:02X}" for byte in word) for word in WORDS)
    path.write_text("".join(f'"{line}"\n' for line in lines), encoding="ascii")


def main() -> None:
    """Fuzz one target; libFuzzer ends the process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    target = TARGETS[options.target]
    corpus = options.folder / options.target
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds():
        target.feed(seed)  # what is loaded once is no input's cost
        (corpus / hashlib.sha256(seed).hexdigest()).write_bytes(seed)
    write_dictionary(options.folder / "words.dict")
    settings = {
        "max_total_time": options.seconds,
        "timeout": HANGING_SECONDS,
        "max_len": LONGEST,
        "dict": options.folder / "words.dict",
        "artifact_prefix": f"{options.folder / 'failures' / options.target}-",
        "print_final_stats": 1,
    }
    arguments = [f"-{name}={value}" for name, value in settings.items()]
    atheris.Setup([sys.argv[0], *arguments, str(corpus)], Watched(target, options.target, options.folder))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
