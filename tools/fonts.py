"""Make the page's fonts: the Arabic and Latin of two families from the npm registry, cut down to what news needs.

    .venv/bin/python -m pip install fonttools brotli
    .venv/bin/python tools/fonts.py

Writes searchapp/web/static/fonts (woff2 files named by their content, and the licences) and the style sheet that
declares them. The files are kept in the repository, so that neither building nor running needs npm. Run it anew to
take newer versions or other letters, and look at the page after.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

STATIC: Final = Path(__file__).resolve().parents[1] / "searchapp" / "web" / "static"

# Unicode ranges, inclusive. Arabic holds Persian and Urdu letters too; ligatures follow from the letters. Spaces and
# joiners are in both, so that a word never changes its font in the middle.
ARABIC: Final = ((0x600, 0x6FF), (0x750, 0x77F), (0x200C, 0x200F), (0xFD3E, 0xFD3F), (0xFDF2, 0xFDF2), (0xFDFA, 0xFDFC))
LATIN: Final = ((0x20, 0x7E), (0xA0, 0xFF), (0x131, 0x131), (0x152, 0x153), (0x2010, 0x2026), (0x2030, 0x203A),
                (0x2044, 0x2044), (0x20AC, 0x20AC), (0x2122, 0x2122), (0x2212, 0x2212))  # fmt: skip
SCRIPTS: Final = {"arabic": ARABIC, "latin": LATIN}


@dataclass(frozen=True, slots=True)
class Family:
    """One family: where it comes from and the weights that are taken of it, as CSS and the package's files say them."""

    name: str
    short: str
    package: str
    version: str
    weights: tuple[tuple[str, str], ...]


FAMILIES: Final = (
    Family(
        "IBM Plex Sans Arabic", "plex", "@fontsource/ibm-plex-sans-arabic", "5.3.0", (("400", "400"), ("600", "600"))
    ),
    Family(
        "Noto Naskh Arabic", "naskh", "@fontsource-variable/noto-naskh-arabic", "5.3.0", (("400 700", "wght"),)
    ),
)  # fmt: skip


def unpacked(family: Family, folder: Path) -> Path:
    """The package's files, from the registry that npm is set up with."""
    command = ["npm", "pack", "--silent", f"{family.package}@{family.version}"]
    archive = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603
    with tarfile.open(folder / archive) as opened:
        opened.extractall(folder / family.short, filter="data")
    return folder / family.short / "package"


def cut_down(source: Path, ranges: tuple[tuple[int, int], ...]) -> bytes:
    """The letters of these ranges with all that joins and places them, as woff2."""
    font = TTFont(source, recalcTimestamp=False)
    options = Options(flavor="woff2", layout_features=["*"], hinting=False, desubroutinize=True)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes={code for first, last in ranges for code in range(first, last + 1)} | {0x20, 0xA0})
    subsetter.subset(font)
    font.flavor = "woff2"
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


def face(family: Family, weight: str, file: str, ranges: tuple[tuple[int, int], ...]) -> str:
    """The rule that declares one file."""
    codes = ", ".join(f"U+{first:X}" if first == last else f"U+{first:X}-{last:X}" for first, last in ranges)
    return (
        f'@font-face {{\n  font-family: "{family.name}";\n  font-weight: {weight};\n  font-display: swap;\n'
        f'  src: url("fonts/{file}") format("woff2");\n  unicode-range: {codes};\n}}\n'
    )


def main() -> None:
    """Fetch, cut down, name, declare."""
    fonts = STATIC / "fonts"
    fonts.mkdir(parents=True, exist_ok=True)
    for old in fonts.iterdir():
        old.unlink()
    rules = ["/* Written by tools/fonts.py. */\n"]
    with tempfile.TemporaryDirectory() as scratch:
        for family in FAMILIES:
            package = unpacked(family, Path(scratch))
            (fonts / f"{family.short}-OFL.txt").write_bytes((package / "LICENSE").read_bytes())
            for (weight, part), (script, ranges) in ((w, s) for w in family.weights for s in SCRIPTS.items()):
                base = family.package.split("/")[1]
                content = cut_down(package / "files" / f"{base}-{script}-{part}-normal.woff2", ranges)
                file = f"{family.short}-{script}-{part}.{hashlib.sha256(content).hexdigest()[:12]}.woff2"
                (fonts / file).write_bytes(content)
                rules.append(face(family, weight, file, ranges))
                print(f"{len(content):7,} {file}")  # noqa: T201
    (STATIC / "css" / "00-fonts.css").write_text("\n".join(rules), encoding="utf-8")


if __name__ == "__main__":
    main()
