"""Compression of whole and of streamed answers."""

from __future__ import annotations

import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from searchapp.web.compression import ENCODINGS, packed


@given(st.lists(st.binary(max_size=200)), st.sampled_from(sorted(ENCODINGS)))
def test_what_is_packed_in_pieces_comes_back_whole(pieces: list[bytes], encoding: str) -> None:
    body = b"".join(packed(pieces, ENCODINGS[encoding]()))
    unpacked = (
        zstandard.ZstdDecompressor().decompressobj().decompress(body)
        if encoding == "zstd"
        else zlib.decompress(body, zlib.MAX_WBITS + 16)
    )
    assert unpacked == b"".join(pieces)


@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
def test_a_body_without_bytes_can_be_unpacked(encoding: str) -> None:
    assert b"".join(packed([], ENCODINGS[encoding]()))
