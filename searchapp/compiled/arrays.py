"""The arrays that loops take, by name, and what numba and numpy call their types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
UInt16s = NDArray[np.uint16]
UInt32s = NDArray[np.uint32]
UInt64s = NDArray[np.uint64]
Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Float32s = NDArray[np.float32]
Float64s = NDArray[np.float64]
Flags = NDArray[np.bool_]
Varying = NDArray[Any]
"""An array whose width depends on what it holds: a loop is compiled for each combination that it meets."""

DTYPES: Final[Mapping[str, type[np.generic]]] = MappingProxyType(
    {
        "Bytes": np.uint8,
        "UInt16s": np.uint16,
        "UInt32s": np.uint32,
        "UInt64s": np.uint64,
        "Int32s": np.int32,
        "Int64s": np.int64,
        "Float32s": np.float32,
        "Float64s": np.float64,
        "Flags": np.bool_,
    }
)

Key = tuple[int, ...]
"""The types of varying arrays, in the order of the parameters, by their numpy numbers."""

_type_number: Final[Callable[[NDArray[Any]], int]] = attrgetter("dtype.num")

DTYPE_OF_NUMBER: Final[Mapping[int, np.dtype[Any]]] = MappingProxyType(
    {np.dtype(name).num: np.dtype(name) for name in ("u1", "u2", "u4", "u8", "i4", "i8", "f4", "f8")}
)


def type_numbers(*arrays: NDArray[Any]) -> Key:
    """What loops are chosen by: the types of arrays, by their numpy numbers."""
    return tuple(map(_type_number, arrays))
