"""Words are put into templates when these are compiled; what has something to fill in is looked up later."""

from __future__ import annotations

import pytest
from jinja2 import DictLoader, Environment

from searchapp.web.templating import Messages, in_language


def rendered(source: str, language: str, **values: object) -> str:
    environment = Environment(loader=DictLoader({"page": source}), autoescape=True, extensions=[Messages])
    environment.extend(language=language)
    return environment.get_template("page").render(**values)


@pytest.mark.parametrize(("language", "word"), [("ar", "بحث"), ("en", "Search")])
def test_a_message_is_a_constant_in_the_language(language: str, word: str) -> None:
    assert rendered('<p title="{{ _("Search") }}">{{ _("Search") }}</p>', language) == f'<p title="{word}">{word}</p>'


def test_a_message_may_stand_in_a_condition() -> None:
    source = '{{ _("put back") if out else _("leave out") }}'
    assert rendered(source, "en", out=True) == "put back"
    assert rendered(source, "en", out=False) == "leave out"


def test_a_message_with_a_context_has_the_meaning_of_that_context() -> None:
    assert rendered("{{ names|join(pgettext('list', ', ')) }}".replace("'", '"'), "ar", names=["ا", "ب"]) == "ا، ب"


def test_messages_with_values_and_messages_that_are_not_known_yet_are_left_as_they_are() -> None:
    source = '{{ _("Page %(page)s", page=3) }} {{ _(meaning) }} {{ ngettext("one", "many", 3) }}'
    assert in_language(source, "ar") == source


def test_what_is_filled_in_beside_a_message_is_escaped() -> None:
    assert rendered('{{ _("Search") }} {{ words }}', "en", words="<b>") == "Search &lt;b&gt;"


def test_quotation_marks_in_a_message_are_no_end_of_it() -> None:
    assert in_language("{{ _('say \"no\"') }}", "en") == '{{ ("say \\"no\\""|safe) }}'
