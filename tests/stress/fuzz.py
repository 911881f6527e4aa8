"""Broken input without end: whatever a file, a query or a URL holds, the answer is a result or one of our own errors.

`python -m tests.stress.fuzz extraction --seconds 600` changes the seeds of one target at random for so long. It needs
nothing but Python; guided_fuzz.py goes where these changes seldom come. An input that fails is written out.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.stress import fuzz_targets
from tests.stress.fuzz_targets import LONGEST, TARGETS, WORDS, Target

SLOW_SECONDS: Final = 1.0
"""Of processor time; no single input of these sizes may take longer."""
GOING_ON: Final = 0.05
"""How many of the changed inputs are changed further, and how many are kept for that."""
POOL: Final = 200
BYTES: Final = (b"\xff", b"\xfe", b"\xc3", b"\xed\xa0\x80", b"\x1f\x8b\x08", b"\xd8", b"\x80", b"\xf4\x90\x80\x80")


@dataclass(slots=True)
class Outcome:
    """What fuzzing came to. `slowest` is in seconds of processor time."""

    inputs: int = 0
    slowest: float = 0.0
    failures: tuple[str, ...] = ()

    def count(self, target: Target, data: bytes) -> None:
        """Feed an input and put down what came of it."""
        began = time.process_time()
        try:
            target.feed(data)
        except Exception as error:  # every kind is what is looked for
            self.failures += (_kept(data, repr(error)),)
        took = time.process_time() - began
        self.inputs += 1
        self.slowest = max(self.slowest, took)
        if took > SLOW_SECONDS:
            self.failures += (_kept(data, f"took {took:.2f} s"),)


def mutations(seeds: list[bytes], chance: random.Random) -> Iterator[bytes]:
    """Seeds changed a little, again and again, without end."""
    pool = list(seeds)
    while True:
        data = bytearray(chance.choice(pool))
        for _ in range(chance.choice((1, 1, 2, 4, 16, 64))):
            _change(data, chance, pool)
        made = bytes(data[:LONGEST])
        if chance.random() < GOING_ON:
            pool.append(made)
            if len(pool) > POOL:
                del pool[chance.randrange(len(seeds), len(pool))]
        yield made


def _change(data: bytearray, chance: random.Random, pool: list[bytes]) -> None:
    at = chance.randint(0, len(data))
    kind = chance.randrange(7)
    if kind == 0 and data:
        data[at % len(data)] ^= 1 << chance.randrange(8)
    elif kind == 1:
        data[at:at] = chance.choice(WORDS)
    elif kind == 2:
        data[at:at] = chance.choice(BYTES)
    elif kind == 3:
        del data[at : at + chance.choice((1, 2, 8, 64, 1000))]
    elif kind == 4:
        data[at:at] = data[at : at + chance.choice((1, 4, 40, 400))] * chance.choice((1, 2, 50))
    elif kind == 5:
        other = chance.choice(pool)
        start = chance.randint(0, len(other))
        data[at:at] = other[start : start + 400]
    else:
        data[at:at] = chance.choice(WORDS) * chance.choice((2, 20, 300))


def fuzz(target: Target, seconds: float, seed: int) -> Outcome:
    """Feed changed seeds for so many seconds of wall time."""
    for start in target.seeds():
        target.feed(start)  # what is loaded once is no input's cost
    outcome, chance = Outcome(), random.Random(seed)
    until = time.monotonic() + seconds
    for data in mutations(target.seeds(), chance):
        if time.monotonic() > until:
            return outcome
        outcome.count(target, data)
    raise AssertionError


def _kept(data: bytes, what: str) -> str:
    """Write an input out for whoever mends it."""
    path = fuzz_targets.SCRATCH / f"fuzz-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return f"{path}: {what}"


def main() -> int:
    """Fuzz one target, or feed it one file, and tell what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    parser.add_argument("--file", type=Path, help="feed this alone, as it is")
    options = parser.parse_args()
    target: Target = TARGETS[options.target]
    if options.file:
        target.feed(options.file.read_bytes())
        return 0
    outcome = fuzz(target, options.seconds, options.seed)
    for failure in outcome.failures[:20]:
        sys.stdout.write(f"{failure}\n")
    sys.stdout.write(
        f"{options.target}: {outcome.inputs:,} inputs, {len(outcome.failures)} failures, "
        f"slowest {outcome.slowest * 1000:.0f} ms, seed {options.seed}\n"
    )
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())
