"""Compression of whole and of streamed answers."""

from __future__ import annotations

import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from searchapp.web import compression
from searchapp.web.compression import ENCODINGS, chosen, packed
from tests.waiting import map_in_threads


@given(st.lists(st.binary(max_size=200)), st.sampled_from(sorted(ENCODINGS)))
def test_what_is_packed_in_pieces_comes_back_whole(pieces: list[bytes], encoding: str) -> None:
    body = b"".join(packed(pieces, ENCODINGS[encoding].pieces()))
    assert unpacked(body, encoding) == b"".join(pieces)


@given(st.binary(max_size=2000), st.sampled_from(sorted(ENCODINGS)))
def test_what_is_packed_at_once_comes_back_whole(body: bytes, encoding: str) -> None:
    assert unpacked(ENCODINGS[encoding].whole(body), encoding) == body


def test_threads_that_compress_at_the_same_time_share_no_tables_and_a_server_at_rest_keeps_none() -> None:
    bodies = [bytes([number]) * 40_000 + b"0123" * number for number in range(200)]
    whole = ENCODINGS["zstd"].whole
    assert [unpacked(packed, "zstd") for packed in map_in_threads(whole, bodies, 4)] == bodies
    compression.rest()
    assert not compression._idle
    assert unpacked(whole(bodies[0]), "zstd") == bodies[0]


def test_the_encoding_that_the_client_likes_best_is_chosen() -> None:
    assert chosen("gzip, deflate, br, zstd") == "zstd"
    assert chosen("gzip;q=1.0, zstd;q=0.5") == "gzip"
    assert chosen("*") == "zstd"
    assert chosen("br") is None
    assert chosen("") is None


def unpacked(body: bytes, encoding: str) -> bytes:
    if encoding == "zstd":
        return zstandard.ZstdDecompressor().decompressobj().decompress(body)
    return zlib.decompress(body, zlib.MAX_WBITS + 16)


@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
def test_a_body_without_bytes_can_be_unpacked(encoding: str) -> None:
    assert b"".join(packed([], ENCODINGS[encoding].pieces()))
