"""One name for each outlet, whatever a page calls it, and the agencies that its texts were taken from kept apart."""

from __future__ import annotations

from searchapp.ingest.outlets.sources import SourceNames, read_sources, renamed
from searchapp.ingest.outlets.table import OUTLETS_FILE_NAME, OutletTable, default_outlets, load_outlets

__all__ = [
    "OUTLETS_FILE_NAME",
    "OutletTable",
    "SourceNames",
    "default_outlets",
    "load_outlets",
    "read_sources",
    "renamed",
]
