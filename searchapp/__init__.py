"""A search engine for archives of Arabic news.

```python
from searchapp import SearchRequest, open_index

with open_index("index") as index:
    result = index.search(SearchRequest(q="وزير الخارجية"))
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from searchapp.model import SearchRequest

if TYPE_CHECKING:
    from searchapp.index import open_index

__all__ = ["SearchRequest", "open_index"]


def __getattr__(name: str) -> object:
    """Load the engine only when it is asked for: most commands and all part-wise imports do without it."""
    if name == "open_index":
        from searchapp.index import open_index  # noqa: PLC0415

        return open_index
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
