"""The anchor that the product is compared with: Lucene's ArabicAnalyzer and BM25 over one field.

Its run over a collection is kept by the content of the collection, and made again when that or its program changes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Final

from bench.peers.registry import JAVA_HEAP, JAVA_SOURCES, java_runtime
from bench.relevance.collection import Collection, content_hash
from bench.relevance.metrics import DEPTH
from bench.setup import install_lucene, install_packages
from bench.workspace import Workspace

ANCHOR: Final = "Lucene's ArabicAnalyzer, BM25 (k1 1.2, b .75), title and text in one field"
_SOURCES: Final = (JAVA_SOURCES / "LuceneAnchor.java", JAVA_SOURCES / "pom.xml")


class AnchorMissing(Exception):
    """Lucene could not be installed or run; the message says why."""


def anchor_run(work: Workspace, collection: Collection) -> dict[str, list[str]]:
    """Lucene's hits for every query of the collection.

    Raises:
        AnchorMissing: it could not be installed or run.
    """
    mark = content_hash([*collection.corpora, collection.queries_file, *_SOURCES])[:16]
    run = work.root / "relevance" / "anchor" / f"{collection.name}-{mark}.jsonl"
    if not run.exists():
        _make(work, collection, run)
    answers = map(json.loads, run.read_text(encoding="utf-8").splitlines())
    return {answer["_id"]: answer["hits"] for answer in answers}


def _make(work: Workspace, collection: Collection, run: Path) -> None:
    index, unfinished = run.with_suffix(".index"), run.with_suffix(".tmp")
    shutil.rmtree(index, ignore_errors=True)
    run.parent.mkdir(parents=True, exist_ok=True)
    try:
        install_packages(work)
        install_lucene(work)
        inputs = [index, unfinished, DEPTH, collection.queries_file, *collection.corpora]
        options = [f"-Xmx{JAVA_HEAP}", "--enable-native-access=ALL-UNNAMED", "-cp", f"{work.classes}:{work.jars}/*"]
        command = [str(part) for part in (java_runtime(work), *options, "LuceneAnchor", *inputs)]
        subprocess.run(command, check=True, stderr=subprocess.PIPE, encoding="utf-8")
    except (SystemExit, OSError, subprocess.CalledProcessError) as error:
        raise AnchorMissing(f"{error}\n{getattr(error, 'stderr', None) or ''}".strip()) from error
    finally:
        shutil.rmtree(index, ignore_errors=True)
    unfinished.replace(run)
