"""Templates, compiled once for each language with its words in them: nothing is looked up when a page is made.

In a template `_("Search")` and `pgettext("list", ", ")` are messages without anything to fill in. They are put into the
source as constants before Jinja compiles it, which then joins them to the HTML around them. Messages with values or
numbers are still looked up where they are used.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final, get_args

from flask import Flask, current_app
from jinja2 import Environment
from jinja2.ext import Extension

from searchapp.web import display, strings, timing

PARTS: Final = "parts.html"
"""The pieces that several pages share; every template has them as `parts`."""
_KEY: Final = "searchapp.templates"
_MESSAGE: Final = re.compile(
    r"""\b(?:_\((?P<quote>["'])(?P<message>(?:(?!(?P=quote))[^\\])*)(?P=quote)\)"""
    r"""|pgettext\("(?P<context>[^"\\]*)",\s*"(?P<in_context>[^"\\]*)"\))"""
)


def register(app: Flask) -> None:
    """Make an environment for each language; they share all that templates may use."""
    app.extensions[_KEY] = {language: _environment(app.jinja_env, language) for language in get_args(display.Language)}


def render(name: str, **values: Any) -> str:
    """A page in the reader's language; the time that it takes is told."""
    environment: Environment = current_app.extensions[_KEY][display.current().ui]
    with timing.measured("render"):
        return environment.get_template(name).render(values, parts=environment.get_template(PARTS).module)


def in_language(source: str, language: display.Language) -> str:
    """The source of a template with the messages of a language as constants."""
    return _MESSAGE.sub(partial(_constant, language=language), source)


class Messages(Extension):
    """Puts the words of the environment's `language` into each template."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source to be compiled."""
        return in_language(source, self.environment.language)  # type: ignore[attr-defined]


def _environment(shared: Environment, language: display.Language) -> Environment:
    environment = shared.overlay(extensions=[Messages])
    environment.extend(language=language)
    return environment


def _constant(found: re.Match[str], language: display.Language) -> str:
    """A message as Jinja writes a piece of HTML that is known beforehand."""
    if found["context"] is None:
        text = strings.constant(language, found["message"])
    else:
        text = strings.constant(language, found["in_context"], context=found["context"])
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'("{escaped}"|safe)'
