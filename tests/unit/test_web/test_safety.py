"""Text stays text, errors are pages, headers are strict, and browsers keep only what still holds."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from searchapp.errors import IndexBroken, IndexMissing, LimitExceeded
from searchapp.model import Article, Correction, SearchRequest
from searchapp.web.app import template_folder

MakeClient = Callable[..., FlaskClient]

HOSTILE = """<script>alert(1)</script><img src=x onerror=alert(2)>"'><svg/onload=alert(3)>{{7*7}}</p></title>"""
PAGES = ["/", "/search", "/search?q=x&source=x", "/article/h", "/nothing/here", "/search?page=x", "/article/none"]


class Scan(HTMLParser):
    """Collects elements and attributes that run or style, but for our one script: none may come from an article."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        ours = [*dict(attrs)] == ["src", "defer"] and str(dict(attrs)["src"]).startswith("/static/app.")
        if tag in ("script", "img", "svg", "iframe", "style") and not (tag == "script" and ours):
            self.found.append(tag)
        self.found.extend(name for name, _ in attrs if name.startswith("on") or name == "style")


def hostile_client(make_client: MakeClient) -> FlaskClient:
    article = Article(
        id="h", title=HOSTILE, body=f"{HOSTILE}\n{HOSTILE}", outlet=HOSTILE, outlet_raw=HOSTILE, agency=HOSTILE,
        date=date(2024, 6, 25), date_origin="declared", date_raw=HOSTILE, keywords=HOSTILE, related=("other",),
        similar_headlines=(HOSTILE,), url=f"https://a.example/{HOSTILE}", language='ar"><script>',
    )  # fmt: skip
    other = Article(id="other", title=HOSTILE, body="", found_on="h")
    copies = [replace(article, id="c0"), replace(article, id="c1", body=f"x {HOSTILE} y")]
    meant = Correction("spelling", HOSTILE, SearchRequest(q=HOSTILE), 1)
    return make_client([article, other], copies=copies, alike=[other], corrections=[meant])


@pytest.mark.parametrize("address", [*PAGES, "/article/other", "/article/c0", "/differences/c0?with=c1"])
def test_html_in_an_article_is_text_on_the_page(make_client: MakeClient, address: str) -> None:
    client = hostile_client(make_client)
    filters = {"q": "alert(1)", "source": HOSTILE, "not_source": HOSTILE} if address == "/search" else None
    scan = Scan()
    scan.feed(client.get(address, query_string=filters).text)
    assert scan.found == []


@pytest.mark.parametrize("name", ["q", "source", "not_source", "from", "when", "page", "sort", "in", HOSTILE])
@pytest.mark.parametrize("path", ["/search", "/article/h"])
def test_html_in_the_url_is_text_on_the_page(make_client: MakeClient, path: str, name: str) -> None:
    scan = Scan()
    scan.feed(hostile_client(make_client).get(path, query_string={name: HOSTILE}).text)
    assert scan.found == []


@pytest.mark.parametrize("address", [*PAGES, "/healthz", "/raw/h", "/static/style.css"])
def test_every_response_carries_the_strict_headers(make_client: MakeClient, address: str) -> None:
    with hostile_client(make_client).get(address) as response:
        headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    if address.startswith("/raw/"):
        assert policy.endswith("; sandbox")
    else:
        assert "style-src 'self';" in policy
        assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("address", ["/search?q=x", "/raw/h", "/nothing"])
def test_results_are_not_for_search_engines(make_client: MakeClient, address: str) -> None:
    assert hostile_client(make_client).get(address).headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/nothing/here", 404, "لا صفحة هنا"),
        ("/article/none", 404, "لا خبر بهذا الرقم"),
        ("/raw/none", 404, "لا خبر بهذا الرقم"),
        ("/search?page=x&q=ا", 400, "page=x"),
        ("/search?from=2024-06-25&to=2024-06-01", 400, "to=2024-06-01"),
        ("/search?per_page=101", 400, "per_page = 100"),
        ("/article/a?sort=best", 400, "sort=best"),
    ],
)
def test_errors_are_pages_that_say_what_to_try(make_client: MakeClient, address: str, status: int, words: str) -> None:
    response = make_client([]).get(address)
    assert response.status_code == status
    assert words in response.text
    assert '<form class="box"' in response.text


def test_a_broken_value_offers_the_search_without_it(make_client: MakeClient) -> None:
    html = make_client([]).get("/search?q=a&page=x&sort=best&source=s").text
    assert 'href="/search?q=a&amp;source=s"' in html


def test_another_method_is_refused_and_told_which_are_not(make_client: MakeClient) -> None:
    response = make_client([]).post("/search")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert "طريقة غير مسموحة" in response.text


@pytest.mark.parametrize("address", ["/", "/search?q=x"])
@pytest.mark.parametrize("failure", [IndexMissing("none"), IndexBroken("/secret/path")])
def test_an_index_that_cannot_be_read_is_a_503(make_client: MakeClient, failure: Exception, address: str) -> None:
    response = make_client([], failure=failure).get(address)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "secret" not in response.text


def test_a_limit_of_the_engine_is_named(make_client: MakeClient) -> None:
    response = make_client([], failure=LimitExceeded("query_terms", 512, 9000)).get("/search?q=x")
    assert response.status_code == 400
    assert "query_terms = 512" in response.text
    assert "9,000" in response.text


def test_an_error_of_ours_is_a_page_without_a_trace(make_client: MakeClient) -> None:
    client = make_client([], failure=RuntimeError("secret"))
    response = client.get("/search?q=x")
    assert response.status_code == 500
    assert "خطأ عندنا" in response.text
    assert "secret" not in response.text


@pytest.mark.parametrize("address", ["/", "/search?q=x", "/article/h?q=x"])
def test_a_page_that_has_not_changed_is_not_sent_again(make_client: MakeClient, address: str) -> None:
    client = hostile_client(make_client)
    tag = client.get(address).headers["ETag"]
    again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert client.get(f"{address}{'&' if '?' in address else '?'}utm_source=y").headers["ETag"] == tag


def test_another_search_or_generation_has_another_tag(make_client: MakeClient, fake_index: Callable[..., Any]) -> None:
    index = fake_index([])
    client = make_client(index)
    tags = {client.get(address).headers["ETag"] for address in ("/search?q=x", "/search?q=y", "/search?q=x&page=2")}
    index.generation = 8
    tags.add(client.get("/search?q=x").headers["ETag"])
    assert len(tags) == 4


def test_styles_and_fonts_are_kept_for_good_under_an_address_of_their_content(make_client: MakeClient) -> None:
    client = make_client([])
    html = client.get("/").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]*)"', html)
    assert len(addresses) == 5  # two fonts, style, icon, script
    for address in addresses:
        with client.get(address) as response:
            assert response.status_code == 200
            assert "immutable" in response.headers["Cache-Control"], address
    tag = client.get("/static/style.css").headers["ETag"]
    assert client.get("/static/style.css", headers={"If-None-Match": tag}).status_code == 304
    with client.get("/static/style.css") as plain, client.get("/static/style.000000000000.css") as old:
        assert "immutable" not in plain.headers["Cache-Control"]
        assert "ETag" in plain.headers
        assert old.status_code == 404


def test_every_font_that_the_style_sheet_names_is_there_and_named_by_its_content(
    make_client: MakeClient, static: Path
) -> None:
    sheet = make_client([]).get("/static/style.css").text
    fonts = re.findall(r'url\("(.*?)"\)', sheet)
    assert sorted(fonts) == sorted(f"fonts/{file.name}" for file in (static / "fonts").glob("*.woff2"))
    for font in fonts:
        content = (static / font).read_bytes()
        assert content.startswith(b"wOF2")
        assert font.split(".")[-2] == hashlib.sha256(content).hexdigest()[:12]
    assert {file.name for file in (static / "fonts").glob("*.txt")} == {"plex-OFL.txt", "naskh-OFL.txt"}


@pytest.fixture
def static(project_root: Path) -> Path:
    return project_root / "searchapp" / "web" / "static"


@pytest.fixture
def sheet(static: Path) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted((static / "css").glob("*.css")))


def test_the_style_sheet_is_small_logical_and_takes_nothing_from_elsewhere(sheet: str) -> None:
    assert "http" not in sheet
    assert "@import" not in sheet
    assert len(gzip.compress(sheet.encode())) <= 15_000
    physical = r"(?<![-\w])(?:left|right|(?:margin|padding|border)-(?:left|right|top|bottom)|width|height|float)\s*:"
    assert re.findall(physical, sheet) == []


def test_the_script_is_small_and_reaches_no_other_host(static: Path) -> None:
    script = (static / "app.js").read_text(encoding="utf-8")
    assert len(gzip.compress(script.encode())) <= 10_000
    assert not re.search(r"https?:|eval|innerHTML|document\.write|cookie", script)


def luminance(colour: str) -> float:
    """Relative luminance of a colour as "#rrggbb" (WCAG 2.2)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize(
    ("text", "ground"),
    [("ink", "paper"), ("quiet", "paper"), ("accent", "paper"), ("on-accent", "accent"), ("on-mark", "mark")],
)
def test_text_stands_out_from_its_ground(sheet: str, scheme: int, text: str, ground: str) -> None:
    colours = dict(re.findall(r"--([\w-]+): (#\w{3,6});", sheet.split(":root")[1 + scheme]))
    colours = {
        name: value if len(value) == 7 else "#" + "".join(2 * c for c in value[1:]) for name, value in colours.items()
    }
    lighter, darker = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_templates_are_found_inside_the_package_or_beside_it(tmp_path: Path) -> None:
    package = tmp_path / "searchapp"
    package.mkdir()
    with pytest.raises(FileNotFoundError, match="install"):
        template_folder(package)
    for folder in (tmp_path / "templates", package / "templates"):
        folder.mkdir()
        (folder / "base.html").touch()
        assert template_folder(package) == folder
