"""Broken input without end: whatever a file, a query or a URL holds, the answer is a result or one of our own errors.

`python -m tests.stress.fuzz extraction --seconds 600` changes the seeds of one target at random for so long; with
`--atheris`, where that is installed, coverage of the code guides what is tried. An input that fails is written out.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import random
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

from searchapp.errors import LimitExceeded, SearchAppError
from searchapp.ingest.extraction import extract
from searchapp.ingest.readers import FieldMapping, read
from searchapp.ingest.sources import find_sources
from searchapp.model import RawPage
from searchapp.query.parser import parse as parse_query
from searchapp.web import parameters

ROOT: Final = Path(__file__).resolve().parents[2]
SLOW_SECONDS: Final = 1.0
"""Of processor time; no single input of these sizes may take longer."""
LONGEST: Final = 20_000
"""Bytes of one input."""
GOING_ON: Final = 0.05
"""How many of the changed inputs are changed further, and how many are kept for that."""
POOL: Final = 200
SCRATCH: Final = Path(tempfile.gettempdir())
WORDS: Final = tuple(
    text.encode()
    for text in (
        *(
            "عنوان",
            "المصدر:",
            "التاريخ",
            "٢٠٢٤/٠٦/٢٥",
            "2024-06-25",
            "25 يونيو 2024",
            "١٤٤٥هـ",
            "\u200f",
            "ـ",
            "\u064b",
        ),
        *("AND", "OR", "NOT", "(", ")", '"', "~9", "*", "=", "-", "title:", "source:", "date:2024..", "«", "»", ":"),
        *(
            "q=",
            "&",
            "page=",
            "per_page=999999999",
            "when=",
            "from=",
            "%",
            "%ff",
            "%D8",
            "+",
            ";",
            "undated=1",
            "sort=",
        ),
        *(
            "{",
            "}",
            "[",
            "]",
            '"id":',
            '"text":',
            '"date":',
            "null",
            "1e999",
            "\\ud800",
            "\\u0000",
            ",",
            "\n",
            "\r",
            "\t",
        ),
        *("\x00", "\x1b[31m", "\x85", "\u2028", "\ufeff", "\U0001f600", "http://a.example/2024/6/25/x", "<p>", "&amp;"),
    )
)
BYTES: Final = (b"\xff", b"\xfe", b"\xc3", b"\xed\xa0\x80", b"\x1f\x8b\x08", b"\xd8", b"\x80", b"\xf4\x90\x80\x80")


@dataclass(frozen=True, slots=True)
class Target:
    """What is fed, and what with at first."""

    feed: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


@dataclass(slots=True)
class Outcome:
    """What fuzzing came to. `slowest` is in seconds of processor time."""

    inputs: int = 0
    slowest: float = 0.0
    failures: tuple[str, ...] = ()


def feed_page(data: bytes) -> None:
    """A page of text, as the readers hand it to extraction."""
    text = data.decode("utf-8", "replace")
    page = RawPage("f.txt", "f.txt", 0, len(data), len(data), None, data, text, {"url": text[:80], "date": text[-40:]})
    with suppress(SearchAppError):
        extract(page)


def feed_query(data: bytes) -> None:
    """A query; none but one that is too long is an error."""
    text = data.decode("utf-8", "surrogateescape")
    with suppress(LimitExceeded):
        parse_query(text).text.encode()


def feed_url(data: bytes) -> None:
    """The parameters of a URL, and the URL of what was read."""
    values = parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True)
    with suppress(SearchAppError):
        request = parameters.parse(values)
        again = parameters.parse(parse_qsl(parameters.query_string(request), keep_blank_values=True))
        assert again == request


def feed_file(data: bytes) -> None:
    """A file of one of the kinds that the readers know; the first byte says which."""
    ending = (".txt", ".jsonl", ".txt.gz", ".jsonl.gz")[data[0] % 4] if data else ".txt"
    path = SCRATCH / f"fuzzed-{os.getpid()}{ending}"
    content = data[1:]
    if ending.endswith(".gz") and data[0] & 4:
        content = gzip.compress(content, 1)[: -1 - data[0] % 16 if data[0] & 8 else None]
    path.write_bytes(content)
    try:
        for source in find_sources([path]):
            for item in read(source, FieldMapping()):
                if isinstance(item, RawPage):
                    with suppress(SearchAppError):
                        extract(item)
    except SearchAppError:
        pass
    finally:
        path.unlink()


def page_seeds() -> list[bytes]:
    return [path.read_bytes()[:LONGEST] for path in sorted((ROOT / "seeds").glob("*.txt"))] + [b"", b"\n", b"a"]


def query_seeds() -> list[bytes]:
    queries = (
        '"وقف إطلاق النار"~3 OR (غزة -رفح)',
        "title:وزير source:سبق date:2024-06..2024-07",
        "مدا* =قرار",
        "a" * 400,
    )
    return [query.encode() for query in queries]


def url_seeds() -> list[bytes]:
    return [
        b"q=%D8%BA%D8%B2%D8%A9&source=a&source=b&when=2024-06&undated=1&page=2",
        b"q=a&in=title&from=2024&to=2024-06-25&exact=1&sort=oldest&per_page=50&not_source=-",
    ]


def file_seeds() -> list[bytes]:
    records = [json.dumps({"id": str(n), "title": "خبر", "text": "نص الخبر", "date": "2024-06-25"}) for n in range(5)]
    lines = "\n".join(records).encode()
    pages = page_seeds()
    return [b"\x00" + pages[0], b"\x01" + lines, b"\x06" + pages[0], b"\x07" + lines, b"\x03" + zlib.compress(lines)]


TARGETS: Final = {
    "extraction": Target(feed_page, page_seeds),
    "query": Target(feed_query, query_seeds),
    "url": Target(feed_url, url_seeds),
    "readers": Target(feed_file, file_seeds),
}


def mutations(seeds: list[bytes], chance: random.Random) -> Iterator[bytes]:
    """Seeds changed a little, again and again, without end."""
    pool = list(seeds)
    while True:
        data = bytearray(chance.choice(pool))
        for _ in range(chance.choice((1, 1, 2, 4, 16, 64))):
            _change(data, chance, pool)
        made = bytes(data[:LONGEST])
        if chance.random() < GOING_ON:
            pool.append(made)
            if len(pool) > POOL:
                del pool[chance.randrange(len(seeds), len(pool))]
        yield made


def _change(data: bytearray, chance: random.Random, pool: list[bytes]) -> None:
    at = chance.randint(0, len(data))
    kind = chance.randrange(7)
    if kind == 0 and data:
        data[at % len(data)] ^= 1 << chance.randrange(8)
    elif kind == 1:
        data[at:at] = chance.choice(WORDS)
    elif kind == 2:
        data[at:at] = chance.choice(BYTES)
    elif kind == 3:
        del data[at : at + chance.choice((1, 2, 8, 64, 1000))]
    elif kind == 4:
        data[at:at] = data[at : at + chance.choice((1, 4, 40, 400))] * chance.choice((1, 2, 50))
    elif kind == 5:
        other = chance.choice(pool)
        start = chance.randint(0, len(other))
        data[at:at] = other[start : start + 400]
    else:
        data[at:at] = chance.choice(WORDS) * chance.choice((2, 20, 300))


def fuzz(target: Target, seconds: float, seed: int) -> Outcome:
    """Feed changed seeds for so many seconds of wall time."""
    outcome, chance = Outcome(), random.Random(seed)
    until = time.monotonic() + seconds
    for data in mutations(target.seeds(), chance):
        if time.monotonic() > until:
            return outcome
        began = time.process_time()
        try:
            target.feed(data)
        except Exception as error:  # every kind is what is looked for
            outcome.failures += (_kept(data, repr(error)),)
        took = time.process_time() - began
        outcome.inputs += 1
        outcome.slowest = max(outcome.slowest, took)
        if took > SLOW_SECONDS:
            outcome.failures += (_kept(data, f"took {took:.2f} s"),)
    raise AssertionError


def _kept(data: bytes, what: str) -> str:
    """Write an input out for whoever mends it; at most so many of one kind are worth it."""
    path = SCRATCH / f"fuzz-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return f"{path}: {what}"


def with_atheris(target: Target, seconds: int) -> None:
    """Let coverage guide what is tried; ends the process."""
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore] # noqa: PLC0415 - not installed with the tests

    atheris.instrument_all()
    corpus = Path(tempfile.mkdtemp())
    for number, seed in enumerate(target.seeds()):
        (corpus / str(number)).write_bytes(seed)
    options = [f"-max_total_time={seconds}", f"-timeout={int(SLOW_SECONDS * 4)}", f"-max_len={LONGEST}", str(corpus)]
    atheris.Setup([sys.argv[0], *options], target.feed)
    atheris.Fuzz()


def main() -> int:
    """Fuzz one target, and tell what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    parser.add_argument("--atheris", action="store_true")
    options = parser.parse_args()
    if options.atheris:
        with_atheris(TARGETS[options.target], options.seconds)
    outcome = fuzz(TARGETS[options.target], options.seconds, options.seed)
    for failure in outcome.failures[:20]:
        sys.stdout.write(f"{failure}\n")
    sys.stdout.write(
        f"{options.target}: {outcome.inputs:,} inputs, {len(outcome.failures)} failures, "
        f"slowest {outcome.slowest * 1000:.0f} ms, seed {options.seed}\n"
    )
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())
