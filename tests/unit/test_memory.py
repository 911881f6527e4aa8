"""A server gives freed memory back to the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.waiting import PATIENCE

PROGRAM = """
import sys
import numpy as np
from searchapp.memory import give_back_at_once, release

def anonymous():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))

told = give_back_at_once() if sys.argv[1] == "told" else True
np.ones(4_000_000)  # what the allocator has seen freed once, it would keep from now on
before = anonymous()
kept = []
for _ in range(100):
    large, small = np.ones(100_000), np.ones(2_000)
    kept.append(small)
    kept.append(large)
del kept[1::2], large
print(told, anonymous() - before)
small_ones = [np.ones(2_000) for _ in range(10_000)]
kept.append(np.ones(2_000))
del small_ones
held = anonymous()
release()
print(held - anonymous())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the C library is not glibc")
def test_what_is_freed_between_small_things_that_stay_goes_back_to_the_system() -> None:
    command = [sys.executable, "-c", PROGRAM, "told"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    done, kilobytes, trimmed = told.stdout.split()
    assert done == "True"
    assert int(kilobytes) < 20_000, "of 80 MB"
    assert int(trimmed) > 100_000, "of 160 MB below one that stays"
