"""Arabic analysis: char filters, tokenizer, token filters and the analyzer that chains them."""

from __future__ import annotations

from typing import Final

ANALYZER_VERSION: Final = 7
"""Rises with every change of the analysis that changes terms: an index with other terms would not be found by it."""
