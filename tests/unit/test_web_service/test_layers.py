"""What lies around the pages: hosts, proxies, a base path, compression, headers, and what is logged and counted."""

from __future__ import annotations

import gzip
import json
import logging
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
import zstandard
from flask import Flask
from flask.testing import FlaskClient

from searchapp.config import LIMITS
from searchapp.errors import UsageError
from searchapp.web import exports, feeds
from searchapp.web.logs import JsonFormatter
from searchapp.web.settings import WebSettings

MakeApp = Callable[..., Flask]
EVERYTHING = [
    "/health", "/ready", "/metrics", "/suggest?q=قم", "/opensearch.xml", "/search.json?q=قمر", "/search.jsonl?q=قمر",
    "/search.csv?q=قمر", "/search.atom?q=قمر", "/search.feed.json?q=قمر", "/search.json?page=x", "/search.xlsx",
]  # fmt: skip


@pytest.mark.parametrize("address", EVERYTHING)
def test_every_answer_is_strict_and_stores_nothing(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert re.fullmatch(r"[0-9a-f]{16}", headers["X-Request-ID"])
    assert "Accept-Encoding" in headers["Vary"]
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("address", EVERYTHING)
def test_a_head_request_has_the_headers_and_no_body(client: FlaskClient, address: str) -> None:
    head, got = client.head(address), client.get(address)
    assert (head.status_code, head.data) == (got.status_code, b"")
    assert head.headers.get("ETag") == got.headers.get("ETag")


def test_parts_of_the_answer_are_timed(client: FlaskClient) -> None:
    timing = client.get("/search.json?q=قمر").headers["Server-Timing"]
    assert re.fullmatch(r"parse;dur=[\d.]+, search;dur=[\d.]+", timing)


@pytest.mark.parametrize("address", ["/search.json?q=قمر", "/search.jsonl?q=قمر", "/search.csv?q=قمر", "/search.atom"])
def test_answers_are_compressed_as_the_client_can(client: FlaskClient, address: str) -> None:
    plain = client.get(address)
    assert "Content-Encoding" not in plain.headers
    zipped = client.get(address, headers={"Accept-Encoding": "gzip, deflate"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    packed = client.get(address, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
    assert packed.headers["Content-Encoding"] == "zstd"
    assert zstandard.ZstdDecompressor().decompressobj().decompress(packed.data) == plain.data
    assert packed.headers["ETag"] == plain.headers["ETag"]
    assert "Content-Encoding" not in client.get(address, headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_small_answers_are_not_compressed(client: FlaskClient) -> None:
    for address in ("/health", "/suggest?q=قم"):
        assert "Content-Encoding" not in client.get(address, headers={"Accept-Encoding": "gzip, zstd"}).headers


def test_only_trusted_hosts_are_answered_and_probes_always(make_app: MakeApp) -> None:
    client = make_app(base_url="https://news.example", trusted_hosts=(".trusted.example",)).test_client()
    for host, status in (
        ("news.example", 200),
        ("a.trusted.example:8000", 200),
        ("evil.example", 400),
        ("news.example.evil.example", 400),
        ("10.0.0.1", 400),
    ):
        assert client.get("/opensearch.xml", headers={"Host": host}).status_code == status
        assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ['a"b', "a/b", "a b", "<x>", "a@b", "a:b", "a:123456", "a\\b", "[::1", "é"])
def test_a_host_that_is_no_host_name_is_refused(client: FlaskClient, host: str) -> None:
    response = client.get("/opensearch.xml", headers={"Host": host})
    assert response.status_code == 400
    assert host not in response.text
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_an_address_that_is_too_long_is_refused_with_the_limit(client: FlaskClient) -> None:
    response = client.get("/search", query_string="x=" + "a" * LIMITS.address_bytes)
    assert response.status_code == 414
    assert "address_bytes" in response.text


FORWARDED = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Request-ID": "from-front"}


def test_forwarded_headers_are_believed_only_from_as_many_proxies_as_there_are(make_app: MakeApp) -> None:
    alone = make_app().test_client().get("/opensearch.xml", headers=FORWARDED)
    assert "http://localhost/search?q=" in alone.text
    assert alone.headers["X-Request-ID"] != "from-front"
    behind = make_app(proxies=1).test_client()
    response = behind.get("/opensearch.xml", headers={**FORWARDED, "X-Forwarded-Host": "evil.example, news.example"})
    assert "https://news.example/search?q=" in response.text
    assert response.headers["X-Request-ID"] == "from-front"
    forged = behind.get("/health", headers={"X-Request-ID": "a b\tc"})
    assert re.fullmatch(r"[0-9a-f]{16}", forged.headers["X-Request-ID"])


def test_the_base_url_is_that_of_all_absolute_links(make_app: MakeApp) -> None:
    client = make_app(base_url="https://news.example/").test_client()
    assert "https://news.example/article/" in client.get("/search.atom", headers={"Host": "evil.example"}).text
    assert "evil.example" not in client.get("/search.atom", headers={"Host": "evil.example"}).text


def test_under_a_base_path_everything_lies_there_but_the_probes(make_app: MakeApp) -> None:
    client = make_app(base_url="https://example.org/search").test_client()
    assert client.get("/search/search.json?q=قمر&limit=1").status_code == 200
    assert 'href="https://example.org/search/article/' in client.get("/search/search.atom").text
    assert client.get("/search.json").status_code == 404
    assert client.get("/searching").status_code == 404
    assert client.get("/health").status_code == 200


@pytest.mark.parametrize(
    "url",
    ["news.example", "ftp://a", "http://", "https://a/?q=1", "https://a/#x", "https://u@a", "https://a b", "http://[",
     "https://a:99999", "https://a/../b c", 'https://a/"x'],
)  # fmt: skip
def test_a_base_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="base URL"):
        WebSettings(base_url=url)


@pytest.mark.parametrize("host", ["https://a", "a:80", "a/b", "", "*"])
def test_a_trusted_host_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(UsageError, match="host name"):
        WebSettings(trusted_hosts=(host,))


@pytest.mark.parametrize(
    "path", ["//evil.example", "//evil.example/..", "/%2f/evil.example", "/\\evil.example", "/search/", "/search.json/"]
)
def test_no_address_leads_elsewhere(client: FlaskClient, path: str) -> None:
    response = client.get("/", environ_overrides={"PATH_INFO": path})
    assert response.status_code == 404
    assert "Location" not in response.headers


def test_no_line_break_gets_into_a_header(client: FlaskClient) -> None:
    response = client.get("/search.csv", query_string={"q": "قمر\r\nSet-Cookie: a=b"})
    assert "Set-Cookie" not in response.headers
    assert "\n" not in response.headers["Content-Disposition"]


@pytest.fixture
def lines() -> Callable[[FlaskClient, str], dict[str, object]]:
    """Asks for an address and gives what the log says of it, read from its JSON."""

    def logged(client: FlaskClient, address: str) -> dict[str, object]:
        log, stream = logging.getLogger("searchapp.access"), StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(JsonFormatter())
        log.addHandler(handler)
        level = log.level
        log.setLevel(logging.INFO)
        try:
            client.get(address).close()
        finally:
            log.setLevel(level)
            log.removeHandler(handler)
        (line,) = stream.getvalue().splitlines()
        record: dict[str, object] = json.loads(line)
        return record

    return logged


def test_the_log_tells_of_a_request_but_not_what_was_searched_for(
    make_app: MakeApp, lines: Callable[[FlaskClient, str], dict[str, object]]
) -> None:
    line = lines(make_app(log_format="json").test_client(), "/search.json?q=قمر&limit=1")
    assert (line["view"], line["path"], line["status"], line["hits"]) == ("export", "/search.json", 200, 130)
    assert {"time", "level", "request_id", "client", "bytes", "ms", "generation"} <= line.keys()
    assert "query" not in line
    told = lines(make_app(log_format="json", log_queries=True).test_client(), "/search.json?q=a&limit=1")
    assert told["query"] == "q=a&limit=1"
    assert str(told["message"]).startswith("GET /search.json?q=a&limit=1 200 ")


def test_a_line_break_in_an_address_begins_no_line_of_the_log(
    make_app: MakeApp, lines: Callable[[FlaskClient, str], dict[str, object]]
) -> None:
    line = lines(make_app(log_format="json").test_client(), "/a%0AGET%20/forged")
    assert line["path"] == "/a%0AGET%20/forged"
    assert "\n" not in str(line["message"])


def test_an_answer_that_cannot_be_made_is_still_an_answer(make_app: MakeApp, caplog: pytest.LogCaptureFixture) -> None:
    app = make_app()

    def fail(_: object = None) -> str:
        raise RuntimeError("secret")

    app.add_url_rule("/fail", "fail", fail)
    app.error_handler_spec.clear()
    app.register_error_handler(RuntimeError, fail)
    response = app.test_client().get("/fail", buffered=True)
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "secret" in caplog.text
    assert 'searchapp_requests_total{status="500",view="fail"} 1.0' in app.test_client().get("/metrics").text


def test_requests_hits_and_the_generation_are_counted(make_app: MakeApp) -> None:
    client = make_app().test_client()
    for address in ("/search.json?q=قمر", "/search.json?q=لاشيءكهذا", "/search.json?page=x", "/nowhere", "/elsewhere"):
        client.get(address, buffered=True)
    response = client.get("/metrics")
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    for line in (
        'searchapp_requests_total{status="200",view="export"} 2.0',
        'searchapp_requests_total{status="400",view="export"} 1.0',
        'searchapp_requests_total{status="404",view="none"} 2.0',
        'searchapp_search_hits_bucket{le="0.0"} 1.0',
        'searchapp_search_hits_bucket{le="1000.0"} 2.0',
        'searchapp_request_seconds_count{view="export"} 3.0',
    ):
        assert line in response.text
    generation = client.get("/ready").json
    assert generation is not None
    assert f"searchapp_generation {float(generation['generation'])!r}" in response.text or "e+06" in response.text


def test_readiness_is_more_than_being_alive(make_app: MakeApp) -> None:
    client = make_app().test_client()
    assert client.get("/health").json == {"status": "ok"}
    for address in ("/ready", "/healthz"):
        ready = client.get(address)
        assert ready.json is not None
        assert (ready.json["status"], ready.json["stories"]) == ("ok", 134)
        assert ready.headers["Cache-Control"] == "no-store"


def test_search_engines_are_kept_out_of_the_filters(client: FlaskClient) -> None:
    response = client.get("/robots.txt")
    assert response.text.splitlines() == [
        "User-agent: *",
        "Disallow: /search",
        "Disallow: /compare",
        "Disallow: /suggest",
    ]
    assert response.mimetype == "text/plain"


def test_every_address_that_is_no_page_is_in_the_documentation(app: Flask, project_root: Path) -> None:
    text = (project_root / "docs/http.md").read_text(encoding="utf-8")
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in ("healthz", "export", "feed")]
    addresses = [rule.rule for rule in rules if re.search(r"\.(xml|txt)$|^/(suggest|health|ready|metrics)$", rule.rule)]
    addresses += [f"/search.{form}?" for form in (*exports.FORMS, *feeds.FORMS)]
    assert [address for address in addresses if f"`{address}" not in text] == []
