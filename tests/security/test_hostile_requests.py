"""Whatever is sent to the page, the answer is a page, a refusal or a deliberate 503; never an error of the program."""

from __future__ import annotations

import random
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from searchapp import open_index
from searchapp.web.app import create_app
from tests.stress.scale import note, scaled
from tests.waiting import end, next_line, started

REQUESTS = scaled(400, 20_000)
RAW_REQUESTS = scaled(60, 1000)
SECONDS = 1.0
"""Of processor time for one request, on archives of these sizes."""
PATHS = (
    "/",
    "/search",
    "/search",
    "/search",
    "/article/{id}",
    "/raw/{id}",
    "/healthz",
    "/static/style.css",
    "/nothing",
)
NAMES = (
    "q",
    "in",
    "source",
    "not_source",
    "from",
    "to",
    "when",
    "undated",
    "exact",
    "sort",
    "page",
    "per_page",
    "x",
    "",
)
IDS = (
    "n0-1",
    "n1-5",
    ".",
    "..",
    "~.",
    "a/b",
    "../../etc/passwd",
    "%2e%2e",
    "\x00",
    "خبر",
    "a" * 3000,
    "'; DROP TABLE x;--",
)
VALUES = (
    *(
        "غزة",
        "وزير الخارجية",
        '"قرار مدينة"~3',
        "مد*",
        "-سوق",
        "(" * 200,
        '"' * 50,
        "a" * 5000,
        "\x00\x1b[31m",
        "\ud800",
    ),
    *("<script>alert(1)</script>", "{{7*7}}", "${7*7}", "' OR 1=1 --", "../../../etc/passwd", "file:///etc/passwd"),
    *(
        "0",
        "1",
        "-1",
        "999999999",
        "1e9",
        "٣",
        "2024",
        "2024-06",
        "2024-13-99",
        "0000",
        "99999-01-01",
        "title",
        "newest",
    ),
    *("\u202e", "\ufeff", "\U0001f600" * 100, "source:سبق", "date:2024..2023", "\r\nSet-Cookie: a=b", "%00", "%", "+"),
)
HEADERS = (
    {"If-None-Match": '"x", W/"y", *'}, {"If-None-Match": "\xff" * 50}, {"Accept-Language": "ar;q=2,*" * 200},
    {"Host": "evil.example"}, {"Host": "a b"}, {"Host": ""}, {"X-Forwarded-Host": "evil"}, {"Range": "bytes=5-1,-9,x"},
    {"Accept-Encoding": "gzip;q=x"}, {"Cookie": "a=" + "b" * 3000}, {"Content-Length": "5"},
    {"If-Modified-Since": "yesterday"},
)  # fmt: skip
METHODS = ("GET",) * 12 + ("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "get", "X" * 100)


def random_text(chance: random.Random) -> str:
    kind = chance.randrange(4)
    if kind == 0:
        return "".join(chr(chance.choice((chance.randrange(128), chance.randrange(0x600, 0x700)))) for _ in range(30))
    if kind == 1:
        return chance.choice(VALUES) + " " + chance.choice(VALUES)
    if kind == 2:
        return "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(20)))
    return chance.choice(VALUES)


def encoded(text: str, chance: random.Random) -> str:
    """Percent-encoded as UTF-8, as another encoding, or not at all."""
    data = text.encode("utf-8", "surrogatepass") if chance.random() < 0.8 else text.encode("utf-16-le", "surrogatepass")
    made = quote(data, safe="")
    return made[: chance.randrange(len(made) + 1)] if chance.random() < 0.05 else made


def requests(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Requests as a WSGI server hands them on, without end."""
    while True:
        path = chance.choice(PATHS).replace("{id}", encoded(chance.choice((*IDS, random_text(chance))), chance))
        pairs = [
            f"{chance.choice(NAMES)}={encoded(random_text(chance), chance)}"
            for _ in range(chance.choice((0, 1, 2, 5, 12)))
        ]
        if chance.random() < 0.01:
            pairs *= 300
        yield {
            "path": path,
            "query_string": chance.choice("&&&&;").join(pairs),
            "method": chance.choice(METHODS),
            "headers": chance.choice(HEADERS) if chance.random() < 0.2 else None,
            "data": random_text(chance).encode("utf-8", "surrogatepass") if chance.random() < 0.05 else None,
        }


class Timed:
    """An application whose own time is noted: a test client reads an address of megabytes for longer than we do."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self.seconds = 0.0
        """Processor time of the requests so far."""

    def __call__(self, *arguments: Any) -> Iterator[bytes]:
        with self._running():
            body = self._application(*arguments)
            pieces = iter(body)
        try:
            while True:
                with self._running():
                    piece = next(pieces, None)
                if piece is None:
                    return
                yield piece
        finally:
            with self._running():
                getattr(body, "close", lambda: None)()

    @contextmanager
    def _running(self) -> Iterator[None]:
        began = time.process_time()
        try:
            yield
        finally:
            self.seconds += time.process_time() - began


def test_no_request_is_an_error_of_the_program(large_archive: Path) -> None:
    chance, statuses = random.Random(8), Counter[int]()
    slowest: tuple[float, str] = (0.0, "")
    with open_index(large_archive) as index:
        app = create_app(index)
        timed = app.wsgi_app = Timed(app.wsgi_app)  # type: ignore[assignment, method-assign]
        client = app.test_client()
        assert client.get("/search?q=خبر").status_code == 200  # loads all that a search needs
        for sent, request in zip(range(REQUESTS), requests(chance), strict=False):
            before = timed.seconds
            with client.open(**request) as response:
                statuses[response.status_code] += 1
                assert response.status_code < 500, (sent, request)
                assert "Set-Cookie" not in response.headers
                assert response.data is not None
            slowest = max(slowest, (timed.seconds - before, str(request)[:500]))
    note(
        "requests in process",
        requests=REQUESTS,
        statuses=dict(sorted(statuses.items())),
        slowest_ms=round(slowest[0] * 1000),
        slowest=slowest[1],
    )
    assert statuses[200] > REQUESTS / 10
    assert slowest[0] < SECONDS, slowest


@pytest.fixture
def server(large_archive: Path, project_root: Path, tmp_path: Path) -> Iterator[tuple[str, int]]:
    command = [sys.executable, "-m", "searchapp", "serve", "--index", str(large_archive), "--port", "0"]
    log = tmp_path / "log"
    with log.open("w", encoding="utf-8") as errors, started(command, cwd=project_root, stderr=errors) as process:
        host, _, port = next_line(process).removeprefix("http://").rstrip("/").rpartition(":")
        yield host, int(port)
        assert process.poll() is None, "the server has ended"
        assert end(process) == 0
    assert "Traceback" not in log.read_text(encoding="utf-8", errors="replace")


def raw_requests(chance: random.Random) -> Iterator[bytes]:
    """Bytes as they come over a socket: requests that are broken in every part."""
    parts = (
        b"GET ",
        b"/",
        b"/search?q=",
        b" HTTP/1.1",
        b" HTTP/9.9",
        b"\r\n",
        b"\n",
        b"\r",
        b"\x00",
        b"\xff\xfe",
        b" ",
    )
    while True:
        text = encoded(random_text(chance), chance).encode()
        kind = chance.randrange(8)
        if kind == 0:
            yield chance.randbytes(chance.randrange(1, 3000))
        elif kind == 1:
            yield b"".join(chance.choices(parts, k=chance.randrange(1, 40)))
        elif kind == 2:
            yield (
                b"GET /search?q="
                + text
                + b" HTTP/1.1\r\nHost: x\r\n"
                + b"A: b\r\n" * chance.choice((1, 100, 5000))
                + b"\r\n"
            )
        elif kind == 3:
            yield (
                b"POST /search HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + chance.randbytes(20)
                + b"\r\n"
            )
        elif kind == 4:
            lengths = (b"-1", b"99999999999999999999", b"5, 6", b"x", b"")
            yield b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: " + chance.choice(lengths) + b"\r\n\r\nabc"
        elif kind == 5:
            yield (
                b"GET /search?q="
                + random_text(chance).encode("utf-8", "surrogatepass")
                + b" HTTP/1.1\r\nHost: x\r\n\r\n"
            )
        elif kind == 6:
            yield b"GET /" + b"a" * chance.choice((100, 10_000, 300_000)) + b" HTTP/1.0\r\n\r\n"
        else:
            yield b"GET /search?q=" + text + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def test_no_bytes_over_a_socket_are_an_error_of_the_program(server: tuple[str, int]) -> None:
    chance, statuses = random.Random(9), Counter[str]()
    for _, sent in zip(range(RAW_REQUESTS), raw_requests(chance), strict=False):
        statuses[status_of(server, sent)] += 1
    assert status_of(server, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") == "200"
    # 501 and 505 say that a request asks for what no server of HTTP/1.1 need know.
    assert [status for status in statuses if status.startswith("5") and status not in ("501", "503", "505")] == []
    note("requests over a socket", requests=RAW_REQUESTS, statuses=dict(sorted(statuses.items())))


def status_of(server: tuple[str, int], sent: bytes) -> str:
    """The status that these bytes are answered with; "none" if the connection is closed without an answer."""
    with socket.create_connection(server, timeout=10) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(sent)
        with suppress(OSError):  # the server may have closed the connection before it has read everything
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        with suppress(ConnectionResetError):
            while part := connection.recv(1 << 16):
                answer += part
    words = answer.split(b" ", 2)
    return words[1].decode("latin-1") if len(words) > 1 and words[0].startswith(b"HTTP/") else "none"
