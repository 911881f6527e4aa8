"""Citations: what reference managers read, and what they must not be told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from flask.testing import FlaskClient

from searchapp.model import Article
from searchapp.web.article_citations import Citation, bibtex, ris

MakeClient = Callable[..., FlaskClient]

ARTICLE = Article(
    id="a1",
    title="هدنة في غزة",
    body="نص",
    outlet="الشرق الأوسط",
    agency="رويترز",
    date=date(2024, 6, 5),
    date_origin="declared",
    url="https://news.example/a%20b?x=1&y={2}",
)
PAGE = "https://archive.example/article/a1"


def citation(**changes: object) -> Citation:
    article = replace(ARTICLE, **changes)  # type: ignore[arg-type]
    return Citation.of(article, PAGE, article.url)


def test_a_record_in_ris_has_what_is_known() -> None:
    lines = ris(citation()).split("\r\n")
    assert lines == [
        "TY  - NEWS",
        "TI  - هدنة في غزة",
        "AU  - رويترز",
        "T2  - الشرق الأوسط",
        "PY  - 2024",
        "DA  - 2024/06/05/",
        "LA  - ar",
        "UR  - https://news.example/a%20b?x=1&y={2}",
        f"L2  - {PAGE}",
        "ID  - a1",
        "ER  - ",
        "",
    ]


def test_an_entry_in_bibtex_keeps_arabic_as_it_is() -> None:
    text = bibtex(citation())
    assert text.startswith("@article{news2024-")
    assert "  title = {{هدنة في غزة}},\n" in text
    assert "  journal = {الشرق الأوسط},\n" in text
    assert "  date = {2024-06-05},\n" in text
    assert r"  url = {https://news.example/a\%20b?x=1&y=\%7B2\%7D}," in text


def test_a_date_that_is_not_known_is_not_made_up() -> None:
    undated = citation(date=None, date_origin="none")
    assert not re.search(r"^(PY|DA)", ris(undated), re.MULTILINE)
    assert "N1  - Undated." in ris(undated)
    assert not re.search(r"^  (year|date|month)", bibtex(undated), re.MULTILINE)


def test_what_the_outlet_did_not_say_itself_is_noted() -> None:
    inferred = citation(date_origin="crawl", title_inferred=True)
    note = (
        "The title was inferred from the text. Date on which the page was fetched; it may have been published earlier."
    )
    assert f"N1  - {note}" in ris(inferred)
    assert f"  note = {{{note}}}," in bibtex(inferred)
    assert "N1" not in ris(citation())


@pytest.mark.parametrize(
    "hostile", ["a}\n@book{b, title = {c}", "x\r\nER  - \r\nTY  - BOOK", "50% & #1 $2 _a ~ ^ \\ {}"]
)
def test_no_text_can_break_out_of_its_field(hostile: str) -> None:
    cited = citation(title=hostile, outlet=hostile, agency=hostile, id=hostile, url=None)
    lines = ris(cited).split("\r\n")
    assert [line for line in lines if line.startswith(("TY", "ER"))] == ["TY  - NEWS", "ER  - "]
    plain = re.sub(r"\\[{}]", "", bibtex(cited))
    assert plain.count("{") == plain.count("}")
    assert len(re.findall(r"^@", plain, re.MULTILINE)) == 1
    for line in plain.splitlines()[1:-1]:
        assert line.count("{") == line.count("}")


@pytest.mark.parametrize(
    ("form", "media_type"), [("ris", "application/x-research-info-systems"), ("bib", "application/x-bibtex")]
)
def test_a_citation_is_a_file_named_by_the_article(make_client: MakeClient, form: str, media_type: str) -> None:
    client = make_client([ARTICLE])
    response = client.get(f"/cite.{form}/a1")
    assert response.headers["Content-Type"] == f"{media_type}; charset=utf-8"
    assert "attachment" in response.headers["Content-Disposition"]
    assert f".{form}" in response.headers["Content-Disposition"]
    assert "هدنة في غزة" in response.text
    again = client.get(f"/cite.{form}/a1", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_there_is_no_citation_of_what_is_not_there(make_client: MakeClient) -> None:
    client = make_client([ARTICLE])
    assert client.get("/cite.ris/none").status_code == 404
    assert client.get("/cite.xml/a1").status_code == 404
