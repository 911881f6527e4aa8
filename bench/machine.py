"""What the figures were measured on. No names of hosts or people: a model, cores, memory, versions and load."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine and its software; `load_before` and `load_after` are the one-minute load averages of the run."""

    processor: str
    cores: int
    memory_bytes: int
    system: str
    python: str
    load_before: float
    load_after: float

    @property
    def slug(self) -> str:
        """A name for files: the processor and its cores."""
        return re.sub(r"[^a-z0-9]+", "-", f"{self.processor} {self.cores} cores".lower()).strip("-")


def processor_name() -> str:
    """The processor's model as the system tells it, without trademark signs."""
    described = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    name = described.group(1) if described else platform.machine()
    return re.sub(r"\((R|TM)\)", "", name)


def load() -> float:
    """The one-minute load average now."""
    return round(os.getloadavg()[0], 2)


def describe(load_before: float) -> Machine:
    """The machine at the end of a run that began at the given load."""
    return Machine(
        processor=processor_name(),
        cores=len(os.sched_getaffinity(0)),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        load_before=load_before,
        load_after=load(),
    )
