"""What may be asked of the parser of web pages: its time grows with the square of the attributes of one tag."""

from __future__ import annotations

import re
from typing import Final

from searchapp.config import LIMITS
from searchapp.errors import RejectedInput

_ATTRIBUTE: Final = (
    r"(?>[\s/]*+(?:=[^\s/=>]*+|[^\s/=>]++)(?:\s*+=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\s>\"'][^\s>]*+)?)?)"
)
"""As the HTML standard reads one (13.2.5, "Tokenization"): whatever is no space, no slash and no end is a name."""

_ATTRIBUTES: Final = rf"(?:{_ATTRIBUTE}){{0,{LIMITS.html_attributes}}}"
_RAW: Final = ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
"""Elements whose content has no tags."""

_TAG: Final = re.compile(
    r"<(?:!--.*?(?:-->|\Z)"
    + "".join(rf"|{name}(?=[\s/>]){_ATTRIBUTES}(?!{_ATTRIBUTE}).*?(?:</{name}|\Z)" for name in _RAW)
    + rf"|/?[a-z][^\s/>]*+{_ATTRIBUTES}(?P<more>{_ATTRIBUTE})?)",
    re.IGNORECASE | re.DOTALL,
)
"""Comments and those elements whole, other tags as far as they may have attributes, and one more."""


def check_attributes(page: str) -> None:
    """Pass a page of which no tag has more attributes than any has that a site writes.

    Raises:
        RejectedInput: A tag has more than the limit `html_attributes`.
    """
    if any(tag.lastgroup for tag in _TAG.finditer(page)):
        raise RejectedInput(f"a tag has more attributes than the limit html_attributes = {LIMITS.html_attributes:,}")
