"""Loops over arrays as machine code, where the extra `compiled` (numba) is installed; without it numpy's way is taken.

numpy does one small step with all entries of an array, then the next with all of them; a loop does all steps with one
entry. Where steps are many and arrays short, or where most entries need not be looked at, a compiled loop takes a
fraction of the time. It is always the second way to do something: both give the same, and tests hold them to it.

A process takes this way only after `prepare`: servers, runs that take in much, and programs that search a lot. What has
been compiled once is kept on disk as machine code (`kept.py`), and is then loaded in milliseconds, without
numba. Servers only load: what was never compiled is compiled by another process (`apart.py`), and taken once
it is on disk.
"""

from __future__ import annotations

from searchapp.compiled.arrays import (
    Bytes,
    Flags,
    Float32s,
    Float64s,
    Int32s,
    Int64s,
    Key,
    UInt16s,
    UInt32s,
    UInt64s,
    Varying,
    type_numbers,
)
from searchapp.compiled.compiling import check_arguments, part
from searchapp.compiled.loops import Loop, loop, widths
from searchapp.compiled.making import SWITCH, for_a_while, is_prepared, make_usual, prepare, stop

__all__ = [
    "SWITCH",
    "Bytes",
    "Flags",
    "Float32s",
    "Float64s",
    "Int32s",
    "Int64s",
    "Key",
    "Loop",
    "UInt16s",
    "UInt32s",
    "UInt64s",
    "Varying",
    "check_arguments",
    "for_a_while",
    "is_prepared",
    "loop",
    "make_usual",
    "part",
    "prepare",
    "stop",
    "type_numbers",
    "widths",
]
