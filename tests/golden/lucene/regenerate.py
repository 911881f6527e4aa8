"""Makes the golden files of this folder again from Lucene; README.md beside it has the commands."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
NEWS = ROOT.parent / "shared" / "data" / "news" / "saudinews.jsonl.gz"
EVERY = 100  # one article in this many, in the file's order

Token = tuple[int, int, str]


def lucene_tokens(libraries: Path, texts: Sequence[str]) -> list[list[Token]]:
    """(start, end, term) of each token of each text, offsets in code points."""
    lines = "".join(base64.b64encode(text.encode()).decode() + "\n" for text in texts)
    command = ["java", "-cp", str(libraries / "*"), str(HERE / "LuceneTokens.java")]
    answer = subprocess.run(
        command, input=lines.encode(), stdout=subprocess.PIPE, check=True, timeout=3600
    ).stdout.decode()
    return [_in_code_points(text, line) for text, line in zip(texts, answer.split("\n"), strict=False)]


def _in_code_points(text: str, line: str) -> list[Token]:
    """Java counts a character above U+FFFF twice."""
    points = [point for point, letter in enumerate(text) for _ in range(1 + (letter > "\uffff"))] + [len(text)]
    fields = (token.split(",", 2) for token in line.split("\t") if token)
    return [(points[int(start)], points[int(end)], term) for start, end, term in fields]


def sampled_articles() -> Iterator[tuple[str, str]]:
    """(id, text) of the sampled articles: the title, a line feed, the text."""
    with gzip.open(NEWS, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % EVERY == 0:
                article = json.loads(line)
                yield article["id"], f"{article['title']}\n{article['text']}"


def checksum(start: int, end: int, term: str) -> bytes:
    """The low 16 bits of CRC-32, big-endian."""
    return (zlib.crc32(f"{start} {end} {term}".encode()) & 0xFFFF).to_bytes(2, "big")


def write_seeds(libraries: Path) -> None:
    """seeds.tsv: page, start, end, the text there, term."""
    pages = sorted((ROOT / "seeds").glob("*.txt"))
    texts = [page.read_bytes().decode() for page in pages]
    with (HERE / "seeds.tsv").open("w", encoding="utf-8", newline="\n") as out:
        out.write("page\tstart\tend\tsurface\tterm\n")
        for page, text, tokens in zip(pages, texts, lucene_tokens(libraries, texts), strict=True):
            for start, end, term in tokens:
                out.write(f"{page.stem}\t{start}\t{end}\t{text[start:end]}\t{term}\n")


def write_news(libraries: Path) -> None:
    """saudinews.tsv: article id, number of tokens, their checksums in base64."""
    articles = list(sampled_articles())
    answers = lucene_tokens(libraries, [text for _, text in articles])
    with (HERE / "saudinews.tsv").open("w", encoding="utf-8", newline="\n") as out:
        out.write("id\ttokens\tchecksums\n")
        for (identifier, _), tokens in zip(articles, answers, strict=True):
            checksums = b"".join(checksum(*token) for token in tokens)
            out.write(f"{identifier}\t{len(tokens)}\t{base64.b64encode(checksums).decode()}\n")


if __name__ == "__main__":
    write_seeds(Path(sys.argv[1]))
    write_news(Path(sys.argv[1]))
