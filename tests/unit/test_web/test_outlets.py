"""The page of all outlets: look through them, choose several, keep the rest of the search."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask.testing import FlaskClient

from searchapp.model import Article

MakeClient = Callable[..., FlaskClient]


def boxes(html: str) -> list[str]:
    return re.findall(r'type="checkbox" name="source" value="([^"]*)"', html)


def test_beside_the_results_the_way_to_all_outlets_is_shown(make_client: MakeClient, news: list[Article]) -> None:
    html = make_client(news).get("/search?q=الوزير").text
    assert re.search(r'href="/outlets\?q=[^"]*"[^>]*>عرض الكل <span class="number">\(15\)', html)


def test_every_outlet_of_the_search_has_a_box_with_its_count(make_client: MakeClient, news: list[Article]) -> None:
    html = make_client(news).get("/outlets?q=الوزير&source=صحيفة+4").text
    assert len(boxes(html)) == 15
    assert 'value="صحيفة 4" checked>' in html
    assert '<bdi>صحيفة 4</bdi> <span class="number">(2)</span>' in html


def test_a_name_can_be_looked_for_in_any_spelling(make_client: MakeClient) -> None:
    articles = [Article(id=name, title=name, body="", outlet=name) for name in ("الأهرام", "الحياة", "CNN Arabic")]
    client = make_client(articles)
    assert boxes(client.get("/outlets?find=اهرام").text) == ["الأهرام"]
    assert boxes(client.get("/outlets?find=cnn").text) == ["CNN Arabic"]
    nothing = client.get("/outlets?find=زقزق").text
    assert boxes(nothing) == []
    assert 'href="/outlets"' in nothing


def test_what_was_chosen_is_kept_while_others_are_looked_for(make_client: MakeClient, news: list[Article]) -> None:
    html = make_client(news).get("/outlets?q=الوزير&source=صحيفة+4&when=2024&find=11").text
    assert boxes(html) == ["صحيفة 11"]
    form = html.split("<fieldset")[1].split("</form>")[0]
    assert re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form) == [
        ("source", "صحيفة 4"), ("q", "الوزير"), ("when", "2024"),
    ]  # fmt: skip


def test_html_in_the_name_looked_for_is_text(make_client: MakeClient) -> None:
    assert "<script>" not in make_client([]).get("/outlets?find=<script>").text
