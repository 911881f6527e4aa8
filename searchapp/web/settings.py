"""What a server is told of the world around it: its own address, whom it answers, who stands in front, what it logs."""

from __future__ import annotations

import re
from typing import Final, Literal
from urllib.parse import SplitResult, urlsplit

from searchapp.errors import UsageError
from searchapp.frozen import dataclass

LogFormat = Literal["none", "text", "json"]

MULTIPROCESS_DIRECTORY: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable that names the folder in which worker processes keep their counts, side by side. It must be
set before prometheus_client is imported, so its name is not in `metrics`."""

_HOST: Final = re.compile(r"\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """How the application is reached.

    `base_url` is the address of the first page as readers know it, without a slash at its end; None takes it from each
    request. `trusted_hosts` are the names that requests may use, ".example.org" with all its subdomains; empty for any.
    `proxies` is how many servers stand in front and write X-Forwarded headers; with 0 nobody's are believed.
    `log_queries` puts what readers search for into the access log, too.
    """

    base_url: str | None = None
    trusted_hosts: tuple[str, ...] = ()
    proxies: int = 0
    log_format: LogFormat = "none"
    log_queries: bool = False

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            UsageError: one of them cannot be, and which.
        """
        if self.base_url is not None:
            object.__setattr__(self, "base_url", _checked(self.base_url))
        for host in self.trusted_hosts:
            if not _HOST.fullmatch(host):
                raise UsageError(f"{host!r} is no host name; write news.example.org, without a scheme or a port")
        if self.proxies < 0:
            raise UsageError(f"{self.proxies} proxies cannot be; 0 is for none")

    @property
    def origin(self) -> str | None:
        """Scheme and host of the base URL."""
        parts = self._base()
        return f"{parts.scheme}://{parts.netloc}" if parts else None

    @property
    def base_path(self) -> str:
        """The path under which the pages lie, without a slash at its end; empty for the root."""
        parts = self._base()
        return parts.path if parts else ""

    def _base(self) -> SplitResult | None:
        return urlsplit(self.base_url) if self.base_url else None


DEFAULT_SETTINGS: Final = WebSettings()


def _checked(url: str) -> str:
    advice = "write it as https://news.example.org or https://example.org/news"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"the base URL {url!r} cannot be read: {error}; {advice}") from error
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname or ""
    plain = re.fullmatch(r"(/[A-Za-z0-9._~-]+)*/?", parts.path) and not parts.query and not parts.fragment
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or "@" in parts.netloc or not plain:
        raise UsageError(f"the base URL {url!r} is not the address of a site; {advice}")
    return url.rstrip("/")
