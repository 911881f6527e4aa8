"""The words of the pages in the reader's language.

Messages are written in English in the code and the templates and are the English interface. The other languages are
in gettext catalogues, `translations/<language>/*.po`: all files of a folder make one catalogue, which is read when it
is first needed, so that there is no compiled copy to go stale.
"""

from __future__ import annotations

import io
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup

from searchapp.web import display

FOLDER: Final = Path(__file__).with_name("translations")


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Mark a message of a constant table for the catalogue; it is translated where it is used."""
    return message


def gettext(message: str, /, **values: object) -> str:
    """A message in the reader's language with its %(name)s filled in; a percent sign is written %%."""
    return _catalogue(display.current().ui).gettext(message) % values


def pgettext(context: str, message: str, /, **values: object) -> str:
    """As `gettext`, of a message that means several things: `context` says which."""
    return _catalogue(display.current().ui).pgettext(context, message) % values


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """As `gettext`, in the form that the number wants; %(num)s is the number in the reader's digits."""
    values.setdefault("num", display.number(count))
    return _catalogue(display.current().ui).ngettext(one, many, count) % values


def gettext_markup(message: str, /, **values: object) -> Markup:
    """`gettext` for templates: what is filled in is escaped, and markup in it stays markup."""
    return Markup(_catalogue(display.current().ui).gettext(message)) % values  # noqa: S704 - messages are ours


def pgettext_markup(context: str, message: str, /, **values: object) -> Markup:
    """`pgettext` for templates."""
    return Markup(_catalogue(display.current().ui).pgettext(context, message)) % values  # noqa: S704


def ngettext_markup(one: str, many: str, count: int, /, **values: object) -> Markup:
    """`ngettext` for templates."""
    values.setdefault("num", display.number(count))
    return Markup(_catalogue(display.current().ui).ngettext(one, many, count)) % values  # noqa: S704


def constant(language: display.Language, message: str, *, context: str | None = None) -> str:
    """A message that has nothing to fill in, in a language whoever reads."""
    catalogue = _catalogue(language)
    return (catalogue.gettext(message) if context is None else catalogue.pgettext(context, message)) % {}


def catalogue_files(language: str) -> list[Path]:
    """The files of a language's catalogue, in order of name."""
    return sorted((FOLDER / language).glob("*.po"))


@cache
def _catalogue(language: str) -> NullTranslations:
    catalogues = [_read(file, language) for file in catalogue_files(language)]
    if not catalogues:
        return NullTranslations()
    # The first file's header says how the language counts; Babel's own rule for Arabic puts 11 and 100 the other way.
    whole, *others = catalogues
    for message in (message for other in others for message in other if message.id):
        whole.add(message.id, message.string, context=message.context)
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _read(file: Path, language: str) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened, locale=language)
