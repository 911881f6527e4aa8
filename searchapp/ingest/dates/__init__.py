"""The day of an article: as it is declared, as its address has it. A date is read in full or not at all."""

from __future__ import annotations

from searchapp.ingest.dates.declared import ReadDate, last_possible_day, parse_date, read_date
from searchapp.ingest.dates.urls import date_in_url

__all__ = ["ReadDate", "date_in_url", "last_possible_day", "parse_date", "read_date"]
