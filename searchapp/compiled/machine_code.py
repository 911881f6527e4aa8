"""Machine code that numba made, loaded without numba: by LLVM alone, in milliseconds.

Importing numba takes time and memory that only compiling needs. A compiled function is an object file whose entry takes
Python's objects; it calls a few helpers in C, which three small extension modules of numba's hold. These are loaded by
themselves, under their own names, so that an `import numba` finds them.
"""

from __future__ import annotations

import builtins
import ctypes
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Final

import numpy as np

from searchapp.frozen import dataclass
from searchapp.memory import rarely_collected

_HELPERS: Final[Mapping[str, str]] = MappingProxyType(
    {"numba._helperlib": "numba_", "numba._dynfunc": "numba_", "numba.core.runtime._nrt_python": "NRT_"}
)
"""The extension modules, and what the names of their helpers begin with where code calls them."""
_loading: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class MachineCode:
    """One compiled function.

    `entry` is the name of what is called from Python in `object_code`, a file as a compiler leaves it. `environments`
    are the places in it that say where constants are to be found that are Python's objects, by name, and what these
    are: types of arrays, as numpy writes them.
    """

    entry: str
    environments: Mapping[str, Sequence[str]]
    object_code: bytes


def load(code: MachineCode, module: str, name: str) -> Callable[..., Any]:
    """The function that the code is, to be called from Python.

    It takes arguments of the very types that it was compiled for: that an array is one, and the size of its entries,
    is all that it finds out.

    Raises:
        ImportError: numba or LLVM is not as it was when the code was made.
        RuntimeError: this is no object file.
        KeyError: the code has no such entry.
    """
    with _loading:
        engine = _engine()
        from llvmlite.binding import ObjectFileRef  # noqa: PLC0415 - not where nothing is loaded

        engine.add_object_file(ObjectFileRef.from_data(code.object_code))
        engine.finalize_object()
        address = engine.get_function_address(code.entry)
        if not address:
            raise KeyError(code.entry)
        functions = _helpers()["numba._dynfunc"]
        kept: list[Any] = [engine]
        for place, types in code.environments.items():
            environment = functions.Environment({"__name__": module})
            environment.consts[:] = map(np.dtype, types)
            kept.append(environment)
            if where := engine.get_global_value_address(place):
                ctypes.c_void_p.from_address(where).value = id(environment)
        told = f"compiled {module}.{name}"
        function: Callable[..., Any] = functions.make_function(
            ModuleType(module), name, told, address, functions.Environment({"__name__": module}), tuple(kept)
        )
        return function


def extension_files() -> list[Path]:
    """The files of numba's extension modules that code calls; found without importing numba.

    Raises:
        ImportError: they are not there.
    """
    return [Path(_extension(name).origin) for name in _HELPERS]


def _extension(name: str) -> Any:
    package = find_spec("numba")
    places = package.submodule_search_locations if package else None
    found = None
    if places:
        folder = Path(places[0]).joinpath(*name.split(".")[1:-1])
        found = PathFinder.find_spec(name, [str(folder)])
    if found is None or found.origin is None or found.loader is None:
        raise ImportError(f"{name} is not where it is expected", name=name)
    return found


@cache
def _helpers() -> Mapping[str, ModuleType]:
    """The extension modules, imported without the packages that they are in."""
    found: dict[str, ModuleType] = {}
    for name in _HELPERS:
        module = sys.modules.get(name)
        if module is None:
            spec = _extension(name)
            module = module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
        found[name] = module
    return found


@cache
def _engine() -> Any:
    """What puts object files into memory and knows what their code may call; one a process, for good."""
    with rarely_collected():
        from llvmlite import binding  # noqa: PLC0415 - not where nothing is loaded

    binding.add_symbol("_Py_NoneStruct", id(None))
    for name, module in _helpers().items():
        for helper, address in module.c_helpers.items():
            plain = name.endswith("_nrt_python") and helper.startswith("_")
            binding.add_symbol(helper if plain else f"{_HELPERS[name]}{helper}", address)
    for name, value in vars(builtins).items():
        if isinstance(value, type) and issubclass(value, BaseException):
            binding.add_symbol(f"PyExc_{name}", id(value))
    _helpers()["numba.core.runtime._nrt_python"].memsys_use_cpython_allocator()
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_default_triple().create_target_machine(jit=True)
    return binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
