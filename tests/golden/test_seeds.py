"""The five sample pages are read as `seeds/expected.jsonl`, written by hand from reading them, says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from searchapp.ingest.extraction import extract
from searchapp.ingest.output import page_record
from searchapp.ingest.readers import FieldMapping, read
from searchapp.ingest.sources import find_sources
from searchapp.model import RawPage

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
EXPECTED: list[dict[str, Any]] = [
    json.loads(line) for line in (SEEDS / "expected.jsonl").read_text(encoding="utf-8").splitlines()
]
FIELDS = [
    "page",
    "title",
    "title_inferred",
    "date",
    "date_origin",
    "outlet",
    "outlet_raw",
    "agency",
    "keywords",
    "body",
    "related",
    "similar_headlines",
]


def read_seeds() -> dict[str, dict[str, object]]:
    pages = [page for source in find_sources([SEEDS]) for page in read(source, FieldMapping())]
    return {
        str(record["page"]): record
        for page in pages
        if isinstance(page, RawPage)
        for record in [page_record(page, extract(page))]
    }


def test_the_folder_of_samples_holds_five_pages_and_nothing_else() -> None:
    assert list(read_seeds()) == [record["page"] for record in EXPECTED]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("expected", EXPECTED, ids=lambda record: str(record["page"])[:3])
def test_each_field_of_each_sample(expected: dict[str, Any], field: str) -> None:
    assert read_seeds()[expected["page"]][field] == expected[field]


def test_the_fields_are_printed_in_their_order() -> None:
    assert [list(record) for record in read_seeds().values()] == [FIELDS] * 5


def test_a_title_from_the_lead_is_a_prefix_of_it() -> None:
    inferred = [record for record in EXPECTED if record["title_inferred"]]
    assert len(inferred) == 3
    assert all(record["body"].startswith(record["title"]) and len(record["title"]) <= 120 for record in inferred)
