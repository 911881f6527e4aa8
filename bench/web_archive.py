"""Articles as web pages in a WARC file, as a crawler would have saved them: taking these apart is most of the work."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Final

from bench.corpus import BenchArticle

_LINKS: Final = "".join(f'<li><a href="/section/{at}">قسم الأخبار {at}</a></li>' for at in range(40))
_PAGE: Final = """<!DOCTYPE html>
<html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{title} | {source}</title>
<meta property="og:title" content="{title}"><meta property="og:site_name" content="{source}">
<meta property="article:published_time" content="{date}T09:00:00+03:00">
<script>window.dataLayer = [];</script><style>body {{ margin: 0 }}</style></head>
<body><header><nav><ul>{links}</ul></nav></header>
<main><article><h1>{title}</h1><p class="meta">{source} - {date}</p>{paragraphs}</article>
<aside><h2>اقرأ أيضا</h2><ul>{links}</ul></aside></main>
<footer><ul>{links}</ul><p>جميع الحقوق محفوظة</p></footer></body></html>
"""


def write_web_archive(articles: Iterable[BenchArticle], path: Path) -> int:
    """Write the pages of articles; returns how many."""
    count = 0
    with path.open("wb") as file:
        for count, article in enumerate(articles, start=1):
            file.write(_record(article, count))
    return count


def _record(article: BenchArticle, number: int) -> bytes:
    page = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{_page(article)}".encode()
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\n"
        f"WARC-Target-URI: https://news.example/articles/{number}\r\n"
        "WARC-Date: 2024-06-25T10:15:30Z\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(page)}\r\n\r\n"
    )
    return head.encode() + page + b"\r\n\r\n"


def _page(article: BenchArticle) -> str:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in article.text.split("\n") if line.strip())
    title, source = escape(article.title), escape(article.source)
    return _PAGE.format(title=title, source=source, date=article.date, links=_LINKS, paragraphs=paragraphs)
