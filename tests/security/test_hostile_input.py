"""Input that was made to harm: what it may cost is bounded, and each item is rejected with its place and reason."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import stat
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchapp.errors import RejectedInput, UsageError
from searchapp.ingest.extraction import extract
from searchapp.ingest.html_text import read_html
from searchapp.ingest.readers import FieldMapping, read
from searchapp.ingest.sources import find_sources
from searchapp.model import RawPage, Reject
from searchapp.restoring import is_export
from tests.input_samples import COMPRESSED, SAMPLES, http_response, warc_record, zipped
from tests.stress.scale import note
from tests.waiting import PATIENCE

GOOD = b'{"text": "good"}\n'
MEGABYTE = 1_000_000
MOST_MEMORY = 300 * MEGABYTE

MEASURED = """
import sys
from pathlib import Path
from searchapp.ingest.readers import FieldMapping, read
from searchapp.ingest.sources import find_sources
import fastwarc.warc, lxml.etree, pyarrow.parquet, trafilatura
def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024
before = peak()
(source,) = find_sources([Path(sys.argv[1])])
for item in read(source, FieldMapping()):
    print(type(item).__name__, getattr(item, "reason", ""))
print(peak() - before)
"""


def items_of(path: Path, content: bytes) -> list[RawPage | Reject]:
    path.write_bytes(content)
    return read_all(path)


def read_all(path: Path) -> list[RawPage | Reject]:
    (source,) = find_sources([path])
    return list(read(source, FieldMapping()))


def reasons_of(items: list[RawPage | Reject]) -> list[str]:
    return [item.reason for item in items if isinstance(item, Reject)]


def read_apart(path: Path) -> tuple[list[str], int]:
    """What a process of its own reads of a file, and how many bytes of memory that took."""
    command = [sys.executable, "-c", MEASURED, str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    *told, memory = ran.stdout.splitlines()
    note("input made to harm", file=path.name, megabytes_more=round(int(memory) / MEGABYTE))
    return told, int(memory)


@pytest.fixture(autouse=True)
def soon_done() -> Iterator[None]:
    """No input here takes more than a few seconds."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < 20


@pytest.mark.parametrize("ending", COMPRESSED)
def test_a_decompression_bomb_is_stopped(tmp_path: Path, ending: str) -> None:
    path = tmp_path / ("a.jsonl" + ending)
    path.write_bytes(COMPRESSED[ending](GOOD) + COMPRESSED[ending](b"\0" * 20 * MEGABYTE) * 20)
    told, memory = read_apart(path)
    assert told[0] == "RawPage "
    assert told[-1] == "Reject expands beyond the limit expanded_ratio = 300 times its size"
    assert memory < MOST_MEMORY


def test_a_bomb_in_a_zip_file_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({f"{number}.jsonl": b"0" * 60 * MEGABYTE for number in range(4)}))
    told, memory = read_apart(path)
    assert "Reject expands beyond the limit expanded_ratio = 300 times its size" in told
    assert memory < MOST_MEMORY


@pytest.mark.slow
@pytest.mark.parametrize(("name", "megabytes"), [("a.jsonl", 2_000), ("a.json", 500), ("a.csv", 500)])
def test_a_line_of_two_gigabytes_is_skipped_in_bounded_memory(tmp_path: Path, name: str, megabytes: int) -> None:
    path = tmp_path / name
    head = b"text\ngood\n" if name.endswith("csv") else GOOD
    with path.open("wb") as file:
        file.write(head + (b'{"x": "' if name.endswith("json") else b""))
        file.seek(megabytes * MEGABYTE, os.SEEK_CUR)  # a hole, which reads as NUL bytes and takes no space
        file.write(b'"}\n' if name.endswith("json") else b"\n")
        file.write(b"good\n" if name.endswith("csv") else GOOD)
    told, memory = read_apart(path)
    assert told[0] == told[-1] == "RawPage "
    assert "longer than the limit article_bytes = 20,000,000" in told[1]
    assert len(told) == 3
    assert memory < MOST_MEMORY


@pytest.mark.parametrize(
    ("name", "limit"), [("a.txt", "page_bytes = 20,000,000"), ("a.html", "html_bytes = 5,000,000")]
)
def test_a_page_of_100_megabytes_is_rejected_unread(tmp_path: Path, name: str, limit: str) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(100 * MEGABYTE)
    assert reasons_of(read_all(path)) == [f"larger than the limit {limit}"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
@pytest.mark.parametrize(
    "brackets", [b'{"text": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", b'{"a":' * 10_000 + b"1" + b"}" * 10_000]
)
def test_deep_nesting_rejects_its_record_only(tmp_path: Path, name: str, brackets: bytes) -> None:
    one, two, three = items_of(tmp_path / name, GOOD + brackets + b"\n" + GOOD)
    assert isinstance(one, RawPage)
    assert isinstance(three, RawPage)
    assert isinstance(two, Reject)
    assert two.line == 2


NAMES = ["../../etc/evil.jsonl", "/etc/evil.jsonl", "C:\\evil.jsonl", "a/\x1b[31m\u202egpj.jsonl", "n\nl.jsonl"]


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_names_of_members_lead_nowhere(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    monkeypatch.chdir(folder)
    content = (
        zipped(dict.fromkeys(NAMES, GOOD)) if kind == "zip" else tar_of(*((name, tarfile.REGTYPE) for name in NAMES))
    )
    items = items_of(folder / f"a.{kind}", content)
    assert len(items) == len(NAMES)
    for item in items:
        assert isinstance(item, RawPage)
        assert not set("\x1b\u202e\n") & set(item.path)
        assert "/" not in item.name
    assert [path.name for path in tmp_path.rglob("*")] == ["in", f"a.{kind}"]


def tar_of(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        for name, kind in members:
            entry = tarfile.TarInfo(name)
            entry.type = kind
            entry.linkname = "/etc/passwd"
            entry.size = len(GOOD) if kind == tarfile.REGTYPE else 0
            file.addfile(entry, io.BytesIO(GOOD))
    return out.getvalue()


def test_links_and_devices_in_a_tar_file_are_rejected(tmp_path: Path) -> None:
    kinds = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
    members = [(f"{number}.jsonl", kind) for number, kind in enumerate(kinds)]
    *rejects, page = items_of(tmp_path / "a.tar", tar_of(*members, ("good.jsonl", tarfile.REGTYPE)))
    assert isinstance(page, RawPage)
    assert reasons_of(list(rejects)) == ["a link, device or sparse file, not a plain file"] * len(kinds)
    assert [item.path for item in rejects] == [f"{tmp_path}/a.tar/{name}" for name, _ in members]


def test_links_in_a_zip_file_are_rejected(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        link = zipfile.ZipInfo("link.jsonl")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    assert reasons_of(items_of(tmp_path / "a.zip", out.getvalue())) == ["a link or device, not a file"]


def test_a_tar_header_that_claims_gigabytes_is_not_believed(tmp_path: Path) -> None:
    entry = tarfile.TarInfo("x")
    entry.type, entry.size = tarfile.XHDTYPE, 8_000 * MEGABYTE
    (reason,) = reasons_of(items_of(tmp_path / "a.tar", entry.tobuf(tarfile.GNU_FORMAT) + b"\0" * 4096))
    assert "tar file is damaged: a header of" in reason


def test_a_tar_file_that_breaks_off_is_told(tmp_path: Path) -> None:
    content = tar_of(*((f"{number}.jsonl", tarfile.REGTYPE) for number in range(3)))
    *pages, reject = items_of(tmp_path / "a.tar", content[:1200])
    assert all(isinstance(page, RawPage) for page in pages)
    assert isinstance(reject, Reject)
    assert "damaged" in reject.reason


def test_a_zip_file_that_is_damaged_is_told_and_the_sound_members_are_read(tmp_path: Path) -> None:
    content = bytearray(zipped({"1.jsonl": GOOD * 50, "2.jsonl": GOOD}))
    content[40:45] = b"\xff" * 5
    items = items_of(tmp_path / "a.zip", bytes(content))
    assert [item.path.rpartition("/")[2] for item in items if isinstance(item, Reject)] == ["1.jsonl"]
    assert isinstance(items[-1], RawPage)
    assert items[-1].name == "2.jsonl"


def test_a_member_without_a_name_is_read_as_the_others_are(tmp_path: Path) -> None:
    content = zipped({"1.jsonl": GOOD, "nameless": GOOD}).replace(b"nameless", b"\0" * 8)
    named, unnamed = items_of(tmp_path / "a.zip", content)
    assert isinstance(named, RawPage)
    assert isinstance(unnamed, RawPage)
    assert (named.name, unnamed.name) == ("1.jsonl", "")


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06", b"PK\x03\x04" + b"\xff" * 100, b"PK\x05\x06" + b"\xff" * 18])
def test_what_only_begins_like_a_zip_file_is_rejected(tmp_path: Path, content: bytes) -> None:
    assert len(reasons_of(items_of(tmp_path / "a.zip", content))) == 1


@pytest.mark.parametrize("is_long", [False, True])
def test_a_zip_file_whose_list_of_contents_is_endless_is_not_opened(tmp_path: Path, is_long: bool) -> None:
    path = tmp_path / "a.zip"
    long_end = b"PK\x06\x06" + b"\0" * 36 + struct.pack("<Q", 30 * MEGABYTE) + b"\0" * 8 + b"PK\x06\x07" + b"\0" * 16
    end = b"PK\x05\x06" + b"\0" * 8 + struct.pack("<L", 0 if is_long else 30 * MEGABYTE) + b"\0" * 6
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.seek(40 * MEGABYTE)
        file.write((long_end if is_long else b"") + end)
    (reason,) = reasons_of(read_all(path))
    assert reason.startswith("the list of contents is larger than the limit packed_directory_bytes = 20,000,000")


def test_a_packed_file_within_a_packed_file_is_rejected(tmp_path: Path) -> None:
    inner = zipped({"a.jsonl": GOOD})
    (reason,) = reasons_of(items_of(tmp_path / "a.zip", zipped({"inner.zip": inner})))
    assert reason == "packed within a packed file; unpack the outer one"


def test_a_file_that_is_compressed_over_and_over_is_rejected(tmp_path: Path) -> None:
    content = GOOD
    for _ in range(3):
        content = COMPRESSED[".gz"](content)
    assert reasons_of(items_of(tmp_path / "a.jsonl.gz", content)) == ["compressed more than 2 times over"]


BILLION_LAUGHS = b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("declared", [BILLION_LAUGHS, OUTSIDE])
@pytest.mark.parametrize("padding", [0, 70_000])
def test_entities_in_xml_are_never_expanded(tmp_path: Path, declared: bytes, padding: int) -> None:
    comment = b"<!--" + b"-x" * (padding // 2) + b"-->" if padding else b""
    rss = b"<rss><channel><title>t</title><item><title>x&a;y&b;</title></item></channel></rss>"
    begin, _, rest = declared.partition(b"?>")
    items = items_of(tmp_path / "a.rss", begin + b"?>" + comment + rest + rss)
    assert not any(b"root:" in item.raw or b"lollol" in item.raw for item in items if isinstance(item, RawPage))
    if not padding:
        assert reasons_of(items) == ["the XML declares entities, which no feed needs: nothing of the file is read"]


@pytest.mark.parametrize("name", ["a.html", "a.rss"])
def test_deeply_nested_markup_is_read_or_rejected(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    opening = b"<html><body>" if name == "a.html" else b"<rss><channel><item><description>"
    path.write_bytes(opening + b"<div>" * 200_000 + "نص".encode())
    _, memory = read_apart(path)
    assert memory < MOST_MEMORY


@pytest.mark.parametrize("attribute", ["a{}", 'a{}=">"', "a{}='1'/", "a{}= x\n"])
def test_a_tag_with_attributes_without_end_is_rejected(tmp_path: Path, attribute: str) -> None:
    before = "<!-- <p a=\" --><script>if (a<b) '</p'</script><p title='>'>نص</p>"
    attributes = " ".join(map(attribute.format, range(200_000)))
    items = items_of(tmp_path / "a.html", f"<html><body>{before}<p {attributes}>نص".encode())
    assert reasons_of(items) == ["a tag has more attributes than the limit html_attributes = 1,000"]


def test_what_only_looks_like_attributes_is_none(tmp_path: Path) -> None:
    words = "a=b " * 5000
    page = f"<html><body><script>for(i=0;i<n;{words})</script><!--<p {words}>--><p>نص 1 < 2 {words}</p></body></html>"
    (item,) = items_of(tmp_path / "a.html", page.encode())
    assert isinstance(item, RawPage)


def test_brackets_without_end_are_no_export(tmp_path: Path) -> None:
    """Whether a file is an export is asked of each before any is read: one must not stop a run."""
    (tmp_path / "a.json").write_bytes(b'{"text": ' + b"[" * 100_000)
    (source,) = find_sources([tmp_path / "a.json"])
    assert not is_export(source)


@pytest.mark.parametrize("name", ["a.zip.gz", "a.parquet.gz"])
def test_a_full_disk_is_no_fault_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    content = zipped({"a.jsonl": GOOD}) if name == "a.zip.gz" else SAMPLES["a.parquet"]()
    monkeypatch.setattr(tempfile, "tempdir", "/full")
    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    (reject,) = items_of(tmp_path / name, gzip.compress(content))
    assert isinstance(reject, Reject)
    assert reject.reason == (
        "it has to be unpacked first, and cannot be: No space left on device; "
        "make room in /full, or name another folder with TMPDIR"
    )
    assert reject.retry
    monkeypatch.undo()
    assert not reasons_of(read_all(tmp_path / name))


def test_json_ld_nested_without_end_is_ignored(tmp_path: Path) -> None:
    script = b'<script type="application/ld+json">' + b"[" * 100_000 + b"</script>"
    (page,) = items_of(
        tmp_path / "a.html", b"<html><head>" + script + "</head><body><p>نص الخبر</p></body></html>".encode()
    )
    assert isinstance(page, RawPage)


def test_a_web_record_that_claims_more_than_there_is_is_not_believed(tmp_path: Path) -> None:
    record = warc_record("http://x/1", http_response(b"<html>x</html>")).replace(
        b"Content-Length: 73", b"Content-Length: 99999999999"
    )
    assert b"99999999999" in record
    (reason,) = reasons_of(items_of(tmp_path / "a.warc", record.rstrip()))
    assert "breaks off" in reason


@pytest.mark.parametrize("charset", ["u\0tf-8", "\ud800", "hex", "zip", "rot13", "idna", "undefined", "x" * 9000])
def test_a_page_in_an_encoding_that_is_none_is_read_all_the_same(charset: str) -> None:
    content = "<html><body><article><p>" + "نص الخبر كله هنا. " * 20 + "</p></article></body></html>"
    text, _ = read_html(content.encode("cp1256"), charset=charset)
    assert "نص الخبر" in text


def test_a_page_packed_a_thousandfold_by_the_server_is_rejected(tmp_path: Path) -> None:
    body = COMPRESSED[".gz"](b" " * 200 * MEGABYTE)
    block = http_response(body, headers="Content-Type: text/html\r\nContent-Encoding: gzip")
    path = tmp_path / "a.warc"
    path.write_bytes(warc_record("http://x/1", block))
    told, memory = read_apart(path)
    assert told == ["Reject larger than the limit html_bytes = 5,000,000"]
    assert memory < MOST_MEMORY


@pytest.mark.parametrize("piece", [b"<!---->", b"<!-- ", b"<?x?>", b"<!DOCTYPE x>", b" ", b"{", b"[", b"<!-", b"-->"])
def test_looking_at_a_file_takes_no_time_whatever_is_in_it(tmp_path: Path, piece: bytes) -> None:
    begun = time.process_time()
    for name in ("unnamed", "a.xml", "a.txt"):
        (tmp_path / name).write_bytes(piece * (70_000 // len(piece)))
    for source in find_sources([tmp_path]):
        list(read(source, FieldMapping()))
    assert time.process_time() - begun < 2


def test_a_fifo_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jsonl")
    assert find_sources([tmp_path]) == []
    with pytest.raises(UsageError, match="not a file"):
        find_sources([tmp_path / "a.jsonl"])


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.csv", "a.html", "a.rss"])
def test_characters_that_harm_are_replaced_or_rejected(tmp_path: Path, name: str) -> None:
    text = "أ\0ب\u202eج"
    content = {
        "a.txt": text,
        "a.jsonl": json.dumps({"text": text + "\ud800", "title": text}),
        "a.csv": f"title,text\n{text},{text}\n",
        "a.html": f"<html><head><title>{text}</title></head><body><article><p>{text} {'نص ' * 50}</p></article></body>",
        "a.rss": f"<rss><channel><item><title>{text}</title></item></channel></rss>",
    }[name]
    for item in items_of(tmp_path / name, content.encode("utf-8", "surrogatepass")):
        if isinstance(item, RawPage):
            try:
                article = extract(item).article
            except RejectedInput:
                continue
            assert "\0" not in article.body + (article.title or "")
            (article.body + (article.title or "")).encode()
