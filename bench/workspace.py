"""Where the bench keeps what it makes: one folder outside version control, `build/bench` unless another is named."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PROJECT_ROOT: Final = Path(__file__).resolve().parents[1]
DEFAULT_WORK: Final = PROJECT_ROOT / "build" / "bench"
DEFAULT_ARTICLES: Final = PROJECT_ROOT.parent / "shared" / "data" / "news" / "saudinews.jsonl.gz"
RESULTS: Final = PROJECT_ROOT / "bench" / "results"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The layout of the work folder. Nothing in it is precious: all of it can be made again."""

    root: Path

    @property
    def environment(self) -> Path:
        """The virtual environment of the peers that are Python packages."""
        return self.root / "venv"

    @property
    def python(self) -> Path:
        """The peers' Python."""
        return self.environment / "bin" / "python"

    @property
    def jars(self) -> Path:
        """Lucene and what it needs."""
        return self.root / "jars"

    @property
    def classes(self) -> Path:
        """Our compiled Java classes."""
        return self.root / "classes"

    def corpus(self, name: str) -> Path:
        """One JSON object an article: id, title, text, source, date."""
        return self.root / "corpora" / f"{name}.jsonl"

    def facts(self, name: str) -> Path:
        """What is known of a corpus; written last, so that its presence says that the corpus is complete."""
        return self.root / "corpora" / f"{name}.facts.json"

    def queries(self, name: str) -> Path:
        """One JSON object a query; the words are those of the other corpora, the filters are the corpus's own."""
        return self.root / "corpora" / f"{name}.queries.jsonl"

    def additions(self, number: int) -> Path:
        """A small file of articles that are in no corpus."""
        return self.root / "corpora" / f"additions-{number}.jsonl"

    def index(self, engine: str, corpus: str) -> Path:
        """The engine's index of a corpus."""
        return self.root / "indexes" / f"{engine}-{corpus}"

    def record(self, name: str) -> Path:
        """A measurement that a later run may take up again."""
        return self.root / "records" / f"{name}.json"

    def log(self, engine: str) -> Path:
        """What an engine's process says on its error stream."""
        return self.root / "logs" / f"{engine}.log"


def write_json(path: Path, value: Any) -> None:
    """Write `value` in one step, so that a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".tmp")
    unfinished.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)


def read_json(path: Path) -> Any:
    """The value in a JSON file, or None where there is no such file."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
