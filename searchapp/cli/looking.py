"""Commands that look at one thing: show, stats, analyze."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from searchapp.cli.options import format_option, index_option

if TYPE_CHECKING:
    from searchapp.analysis.analyzer import AnalysisStep


@click.command(short_help="Print one article.")
@click.argument("article_id", metavar="ID")
@index_option
@format_option("text", "json")
def show(article_id: str, directory: Path, form: str) -> None:
    """Print one article, and the copies of it that other outlets ran.

    ID is what `searchapp search` prints after the date. As JSON it has every field that was read out of the page, and
    when the article first came into the archive and last changed there.

    \b
      searchapp show trcuerlfxzfobjez --format json
    """
    from searchapp.cli.tables import print_article
    from searchapp.index import open_index
    from searchapp.output import article_record

    with open_index(directory) as index:
        article, copies = index.article(article_id), index.copies(article_id)
        times = index.times([article_id])[article_id]
    if form == "json":
        click.echo(json.dumps(article_record(article, copies, times), ensure_ascii=False))
    else:
        print_article(article, copies, times)


@click.command(short_help="Tell what the archive holds.")
@index_option
@format_option("table", "json")
def stats(directory: Path, form: str) -> None:
    """Tell what the archive holds: articles, stories, outlets and languages, from when to when, and how large it is.

    \b
      searchapp stats --index /data/news
    """
    from searchapp.cli.tables import print_statistics
    from searchapp.index import open_index
    from searchapp.output import details_record

    with open_index(directory) as index:
        details = index.details()
    if form == "json":
        click.echo(json.dumps(details_record(details), ensure_ascii=False))
    else:
        print_statistics(details)


@click.command(short_help="Show how a text becomes index terms, step by step.")
@click.argument("text", nargs=-1, required=True, metavar="TEXT…")
@click.option("--analyses", is_flag=True, help="Show, too, every way to read each word, the likeliest first.")
@click.option("--variants", is_flag=True, help="Show instead what is known of the other spellings of one word.")
@index_option
@format_option("table", "json")
def analyze(text: tuple[str, ...], analyses: bool, variants: bool, directory: Path, form: str) -> None:
    """Show how a text becomes index terms, step by step.

    Two spellings find each other when they end in the same terms; this shows where they come together.

    With --variants it shows which other spellings of a word the archive's own texts gave, which they did not, and why.
    Pairs are added and forbidden in the file variants.tsv of the data directory.

    \b
      searchapp analyze "الأميركيّة"
      searchapp analyze --analyses "مكتبه"
      searchapp analyze --variants نتنياهو
    """
    if variants:
        _explain_variants(" ".join(text), directory, form)
        return
    from searchapp.analysis.analyzer import default_analyzer
    from searchapp.cli.tables import print_steps

    steps = default_analyzer().steps(" ".join(text), analyses=analyses)
    if form == "json":
        records = [{"name": step.name, "text": step.text, "tokens": list(step.tokens)} for step in steps]
        click.echo(json.dumps(records, ensure_ascii=False))
    else:
        print_steps((step.name, _outcome(step)) for step in steps)


def _explain_variants(word: str, directory: Path, form: str) -> None:
    from dataclasses import asdict

    from searchapp.archive.directory import DataDirectory
    from searchapp.cli.tables import print_rows
    from searchapp.variants.explaining import explain_word, explained_rows

    DataDirectory(directory).require_archive()
    pairs = explain_word(directory, word)
    if form == "json":
        click.echo(json.dumps([asdict(pair) for pair in pairs], ensure_ascii=False))
    elif pairs:
        print_rows(explained_rows(pairs))
    else:
        click.echo(f"no other spelling of {word} was found or refused")


def _outcome(step: AnalysisStep) -> str:
    """The text after a step, or the tokens, once there are any."""
    return " | ".join(step.tokens) if step.text is None else step.text
