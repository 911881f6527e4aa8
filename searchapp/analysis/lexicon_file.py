"""The file format of the lexicon: a header that tells where it comes from, then named arrays.

    8 bytes   `MAGIC`
    8 bytes   length of the header, little-endian
    header    JSON in UTF-8: "arrays" (name → dtype, shape, first byte within the body), "about" (sources, licence),
              "crc32" of the body; padded with spaces so that the body begins at a multiple of `ALIGNMENT`
    body      the arrays, each at a multiple of `ALIGNMENT`

The body is memory-mapped: processes that use one lexicon share its pages.
"""

from __future__ import annotations

import json
import mmap
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchapp.errors import SearchAppError
from searchapp.frozen import dataclass

MAGIC: Final = b"arlex\x00\x00\x01"
ALIGNMENT: Final = 64
_LENGTH_BYTES: Final = 8


class DamagedLexicon(SearchAppError):
    """The lexicon file is not what was built: reinstall the package, or build it again with `make lexicon`."""


@dataclass(frozen=True, slots=True)
class LexiconFile:
    """An opened lexicon file: its arrays, read-only, and what its header says about it."""

    arrays: Mapping[str, NDArray[Any]]
    about: Mapping[str, Any]


def write_lexicon_file(path: Path, arrays: Mapping[str, NDArray[Any]], about: Mapping[str, Any]) -> None:
    """Write arrays with what is to be known about them. The same input gives the same bytes."""
    places: dict[str, dict[str, Any]] = {}
    body = bytearray()
    for name, array in arrays.items():
        body.extend(bytes(-len(body) % ALIGNMENT))
        places[name] = {"dtype": array.dtype.str, "shape": list(array.shape), "first": len(body)}
        body.extend(array.tobytes())
    fields = {"about": about, "arrays": places, "crc32": zlib.crc32(body)}
    header = json.dumps(fields, ensure_ascii=False, indent=1).encode()
    header += b" " * (-(len(MAGIC) + _LENGTH_BYTES + len(header)) % ALIGNMENT)
    path.write_bytes(MAGIC + len(header).to_bytes(_LENGTH_BYTES, "little") + header + body)


def open_lexicon_file(path: Path) -> LexiconFile:
    """Map a lexicon file into memory.

    Raises:
        DamagedLexicon: when it is missing, cut off, of another kind, or its checksum does not agree.
    """
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return _read(mapped)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise DamagedLexicon(
            f"{path}: the lexicon cannot be read ({problem}); install searchapp again, or run make lexicon"
        ) from problem


def _read(mapped: mmap.mmap) -> LexiconFile:
    begin = len(MAGIC) + _LENGTH_BYTES
    if mapped[: len(MAGIC)] != MAGIC:
        raise ValueError("it does not begin as a lexicon of this version does")
    end = begin + int.from_bytes(mapped[len(MAGIC) : begin], "little")
    header = json.loads(mapped[begin:end])
    with memoryview(mapped) as view, view[end:] as body:
        checksum = zlib.crc32(body)
    if checksum != header["crc32"]:
        raise ValueError(f"the checksum of its arrays is {checksum}, not {header['crc32']}")
    arrays = {name: _array(mapped, end, **place) for name, place in header["arrays"].items()}
    return LexiconFile(arrays, header["about"])


def _array(mapped: mmap.mmap, body: int, dtype: str, shape: list[int], first: int) -> NDArray[Any]:
    count = int(np.prod(shape))
    return np.frombuffer(mapped, np.dtype(dtype), count, body + first).reshape(shape)
