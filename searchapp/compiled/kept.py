"""Loops kept on disk as machine code, which other processes load without numba.

numba keeps what it compiled, too, but only numba can read that. A file here holds one loop for arrays of some types: a
line of JSON, then machine code. It is believed where that line says what this process is, too (Python, numpy, numba's
and LLVM's files, processor, the source of the loop), and where its checksum fits; it is no pickle. The files lie where
Python keeps compiled modules, beside the package, or in the user's cache folder where that must not be written to; or
in the folder that `NUMBA_CACHE_DIR` names, as numba's own.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

from searchapp.compiled.arrays import Key
from searchapp.compiled.machine_code import MachineCode, extension_files, load

_FORMAT: Final = 1
TESTED: Final = ((0, 68),)
"""Versions of numba, by their first two numbers, whose code was loaded in this way. Others read their own files."""


def load_kept(function: Callable[..., Any], key: Key) -> Callable[..., Any] | None:
    """What was kept of a loop for arrays of these types, by their numpy numbers; None where nothing is that fits."""
    try:
        code = _kept(function, key)
        return None if code is None else load(code, function.__module__, function.__qualname__)
    except (ImportError, RuntimeError, KeyError):
        return None


def may_keep() -> bool:
    """Whether loops of the numba that is installed are kept, so that one that is not there was never compiled."""
    return _is_tested(_installed_version())


def keep(made: Any, function: Callable[..., Any], key: Key) -> None:
    """Keep what numba compiled, unless it is a version with which that was never tried, or no folder may be written to.

    `made` is what its decorator gave for one signature, which has put it into its own cache.
    """
    import numba  # noqa: PLC0415 - which has compiled

    if not _is_tested(numba.__version__) or _kept(function, key) is not None:
        return
    if (code := _compiled_code(made)) is None:
        return
    line = {
        "origin": _origin(function),
        "entry": code.entry,
        "environments": code.environments,
        "checksum": zlib.crc32(code.object_code),
    }
    content = json.dumps(line).encode() + b"\n" + code.object_code
    for folder in _folders(function):
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / _name(function, key), content)
            return


def _compiled_code(made: Any) -> MachineCode | None:
    """The machine code of a function with one signature; None where it needs more than itself.

    Numba's cache has it as it is to be loaded; the names are numba's own, and these of the versions that are `TESTED`.
    """
    try:
        (signature,) = made.overloads
        cache, codegen = made._cache, made.targetctx.codegen()
        kept = cache._cache_file.load(cache._index_key(signature, codegen))
        (_, kind, (object_code, _)), descriptor, environment, _, of_objects, lifted, _, to_run, referred = kept
        if kind != "object" or of_objects or lifted or to_run:
            return None
        named = {descriptor.env_name: environment.consts, **{one.env_name: one.consts for one in referred}}
        environments = {name: [_type_name(one) for one in constants] for name, constants in named.items()}
        return MachineCode(descriptor.llvm_cpython_wrapper_name, environments, object_code)
    except (AttributeError, TypeError, ValueError):  # nothing was kept, or other constants
        return None


def _type_name(constant: Any) -> str:
    if not hasattr(constant, "itemsize"):
        raise TypeError(f"{constant!r} is not kept")
    name: str = constant.str
    return name


def _kept(function: Callable[..., Any], key: Key) -> MachineCode | None:
    for folder in _folders(function):
        with suppress(OSError, ImportError, ValueError, LookupError, TypeError, AttributeError):  # none, or of another
            code = _believed((folder / _name(function, key)).read_bytes(), _origin(function))
            if code is not None:
                return code
    return None


def _believed(kept: bytes, origin: list[Any]) -> MachineCode | None:
    """What a file says, if it is of this origin.

    Raises:
        ValueError, LookupError, TypeError, AttributeError: it is not one of these files.
    """
    end = kept.index(b"\n")
    line = json.loads(kept[:end])
    object_code = kept[end + 1 :]
    if line["origin"] != origin or line["checksum"] != zlib.crc32(object_code):
        return None
    return MachineCode(line["entry"], {name: list(types) for name, types in line["environments"].items()}, object_code)


def _write(path: Path, content: bytes) -> None:
    """Put a file in its place as a whole: others may read or write the same."""
    new = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        new.write_bytes(content)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _folders(function: Callable[..., Any]) -> Iterator[Path]:
    """Where what is kept of a function may lie, the best place first."""
    source = Path(function.__code__.co_filename)
    apart = f"searchapp-{zlib.crc32(os.fsencode(source.parent)):08x}"
    if named := os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(named, apart)
        return
    yield source.parent / "__pycache__"
    with suppress(RuntimeError):  # nobody's home
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "searchapp", apart)


def _name(function: Callable[..., Any], key: Key) -> str:
    types = "-".join(map(str, key))
    return (
        f"{function.__module__.rpartition('.')[2]}.{function.__qualname__}-{types}.{sys.implementation.cache_tag}.loop"
    )


def _origin(function: Callable[..., Any]) -> list[Any]:
    """What machine code is of: anything else may not run it."""
    return [*_of_this_process(), _checksum(function.__code__.co_filename), _constants(function.__module__)]


@cache
def _of_this_process() -> list[Any]:
    import numpy as np  # noqa: PLC0415
    from llvmlite import __version__, binding  # noqa: PLC0415

    processor = [binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()]
    files = [[path.name, (status := path.stat()).st_size, status.st_mtime_ns] for path in extension_files()]
    settings = sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith("NUMBA_"))
    wanted = [one for one in settings if not one.startswith("NUMBA_CACHE_DIR=")]
    return [_FORMAT, sys.version, np.__version__, __version__, files, processor, wanted]


@cache
def _checksum(source: str) -> list[int]:
    content = Path(source).read_bytes()
    return [len(content), zlib.crc32(content)]


@cache
def _constants(module: str) -> int:
    """A checksum of a module's numbers: they are part of the machine code, and may come from other files."""
    import numpy as np  # noqa: PLC0415

    numbers = sorted(
        (name, repr(value)) for name, value in vars(sys.modules[module]).items() if isinstance(value, int | np.generic)
    )
    return zlib.crc32(repr(numbers).encode())


def _is_tested(version: str) -> bool:
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    return numbers in TESTED and sys.platform == "linux" and platform.machine() == "x86_64"


@cache
def _installed_version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - it takes some milliseconds

    try:
        return version("numba")
    except PackageNotFoundError:
        return ""
