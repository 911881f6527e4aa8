"""Style sheet, script, icon and fonts, under addresses that change with their content and may be kept for ever."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from flask import Flask, Response, abort

from searchapp.frozen import dataclass
from searchapp.web import caching
from searchapp.web.addresses import page_path

_NAMED_BY_CONTENT: Final = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+\Z")
_TYPES: Final = {".woff2": "font/woff2", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served. `lasting` says that its name names its content."""

    content: bytes
    media_type: str
    lasting: bool


class Assets:
    """Every static file of a folder, in memory. The sheets in `css/` are joined, by name, into one `style.css`."""

    def __init__(self, folder: Path) -> None:
        self._assets: dict[str, Asset] = {}
        self._lasting_names: dict[str, str] = {}
        for name, content in sorted(_files(folder)):
            self._add(name, content)
        self._fonts = {Path(name).name.split(".")[0]: name for name in self._assets if name.endswith(".woff2")}

    def register(self, app: Flask) -> None:
        """Serve them under /static and let templates ask for an address by the plain name."""
        app.add_url_rule("/static/<path:name>", "static", self.answer)
        app.jinja_env.globals.update(asset_url=self.url, font_url=self.font_url)

    def url(self, name: str) -> str:
        """The lasting address of a file."""
        return page_path("static", name=self._lasting_names[name])

    def font_url(self, name: str) -> str:
        """The address of a font file by the part of its name before its content's."""
        return self.url(self._fonts[name])

    def answer(self, name: str) -> Response:
        """The file of this name; one whose name names its content may be kept for good."""
        asset = self._assets.get(name) or abort(404)
        response = Response(asset.content, content_type=asset.media_type)
        if asset.lasting:
            return caching.kept(response)
        tag = _digest(asset.content)
        return caching.unchanged(tag) or caching.revalidated(response, tag)

    def _add(self, name: str, content: bytes) -> None:
        file = Path(name)
        guessed = _TYPES.get(file.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        media_type = f"{guessed}; charset=utf-8" if guessed.startswith("text/") else guessed
        named_by_content = bool(_NAMED_BY_CONTENT.search(name))
        lasting = name if named_by_content else str(file.with_suffix(f".{_digest(content)}{file.suffix}"))
        self._lasting_names[name] = lasting
        self._assets[name] = Asset(content, media_type, named_by_content)
        self._assets[lasting] = Asset(content, media_type, True)


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    sheets = sorted((folder / "css").glob("*.css"))
    yield "style.css", b"\n".join(sheet.read_bytes() for sheet in sheets)
    for file in folder.rglob("*"):
        if file.is_file() and file.parent.name != "css":
            yield file.relative_to(folder).as_posix(), file.read_bytes()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
