"""A server gives freed memory back to the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
import numpy as np
from searchapp.cli.allocator import give_memory_back

def anonymous():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))

told = give_memory_back() if sys.argv[1] == "told" else True
np.ones(4_000_000)  # what the allocator has seen freed once, it would keep from now on
before = anonymous()
kept = []
for _ in range(100):
    large, small = np.ones(100_000), np.ones(2_000)
    kept.append(small)
    kept.append(large)
del kept[1::2], large
print(told, anonymous() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the C library is not glibc")
def test_what_is_freed_between_small_things_that_stay_goes_back_to_the_system() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM, "told"], capture_output=True, text=True, check=True)
    done, kilobytes = told.stdout.split()
    assert done == "True"
    assert int(kilobytes) < 20_000, "of 80 MB"
