"""Write docs/limits.md out of `searchapp.config.Limits`, where every limit stands with its unit and reason."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from searchapp.config import LIMITS, Limits

PAGE = Path(__file__).resolve().parents[1] / "docs" / "limits.md"
HEAD = """\
# Limits

What passes a limit of a request is answered with an error that names the limit (on the page: 400; on the command line:
exit code 2). What passes a limit of an input is rejected, that one item only. This page is written by `make docs` from
`searchapp/config.py`, and a test holds the two together.

| limit | value | unit | why |
| --- | ---: | --- | --- |
"""


def limits_page() -> str:
    """The whole page, in Markdown."""
    rows = ((f"`{limit.name}`", f"{getattr(LIMITS, limit.name):,}", limit.metadata) for limit in fields(Limits))
    return HEAD + "".join(f"| {name} | {value} | {said['unit']} | {said['reason']} |\n" for name, value, said in rows)


if __name__ == "__main__":
    PAGE.write_text(limits_page(), encoding="utf-8")
