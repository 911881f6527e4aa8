"""What the browser's own search box needs."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import fromstring

import pytest
from flask import Flask
from flask.testing import FlaskClient

OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def test_what_is_typed_is_completed_with_words_of_the_archive(client: FlaskClient) -> None:
    response = client.get("/suggest?q=قم")
    assert response.mimetype == "application/x-suggestions+json"
    assert response.json == ["قم", ["قمر"]]
    assert response.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("q", ["", " ", "\x00", "لاشيءكهذا", "<script>", "ك" * 5000, '"', "%", "\u202e"])
def test_where_nothing_is_proposed_the_answer_is_an_empty_list(client: FlaskClient, q: str) -> None:
    response = client.get("/suggest", query_string={"q": q})
    assert (response.status_code, response.json) == (200, [q, []])
    assert client.get("/suggest").json == ["", []]


def test_the_description_tells_where_results_and_suggestions_are(make_app: Callable[..., Flask]) -> None:
    client = make_app(base_url="https://news.example/archive").test_client()
    document = fromstring(client.get("/archive/opensearch.xml").data)  # noqa: S314
    found = {url.attrib["type"]: url.attrib["template"] for url in document.findall(f"{OPENSEARCH}Url")}
    assert found["text/html"] == "https://news.example/archive/search?q={searchTerms}"
    assert found["application/x-suggestions+json"] == "https://news.example/archive/suggest?q={searchTerms}"
    name = document.findtext(f"{OPENSEARCH}ShortName", "")
    assert 0 < len(name) <= 16


def test_the_description_keeps_the_readers_choices(client: FlaskClient) -> None:
    document = fromstring(client.get("/opensearch.xml?ui=en").data)  # noqa: S314
    assert document.findtext(f"{OPENSEARCH}Language") == "en"
    templates = [url.attrib["template"] for url in document.findall(f"{OPENSEARCH}Url")]
    assert "http://localhost/search?q={searchTerms}&ui=en" in templates
    assert "http://localhost/opensearch.xml?ui=en" in templates
    tag = client.get("/opensearch.xml").headers["ETag"]
    assert client.get("/opensearch.xml", headers={"If-None-Match": tag}).status_code == 304
