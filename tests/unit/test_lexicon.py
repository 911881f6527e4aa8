"""The lexicon file: how it is opened, looked up and refused when damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from searchapp.analysis.affixes import PREFIXES, SUFFIXES
from searchapp.analysis.lexicon import LEXICON_FILE, NO_KEY, Lexicon, default_lexicon, key_of, keys_of
from searchapp.analysis.lexicon_file import DamagedLexicon, LexiconFile, open_lexicon_file, write_lexicon_file


def test_a_stem_is_found_with_all_its_readings() -> None:
    lexicon = default_lexicon()
    lemmas = {lexicon.lemma(entry.lemma) for entry in lexicon.entries(lexicon.first_entry(key_of("كتب")))}
    assert {"كتب", "كتاب"} <= lemmas


def test_what_is_not_in_the_lexicon_is_not_found() -> None:
    assert default_lexicon().first_entry(key_of("ظظظظ")) == -1


def test_many_stems_have_the_keys_that_each_has_alone() -> None:
    stems = ["كتب", "", "و", "ب" * 12, "ب" * 13, "كتab", "كت٣", "\U00010330", "\ud800", "مدرسه", "ء"]
    assert keys_of(stems).tolist() == list(map(key_of, stems))
    assert keys_of([]).tolist() == []


def test_many_keys_are_found_as_one_is() -> None:
    lexicon = default_lexicon()
    held = lexicon.slot_keys[lexicon.slot_keys != NO_KEY][:5000]
    keys = np.concatenate([held, held + np.uint64(1)])
    assert lexicon.first_entries(keys).tolist() == [lexicon.first_entry(key) for key in keys.tolist()]


def test_every_lemma_has_its_own_number() -> None:
    lexicon = default_lexicon()
    lemmas = [lexicon.lemma(number) for number in range(lexicon.lemma_count)]
    assert len(set(lemmas)) == len(lemmas)


def test_kindred_lemmas_know_one_another() -> None:
    lexicon = default_lexicon()
    for one, other in (("زار", "زياره"), ("سوريا", "سوري"), ("يمن", "يمني"), ("وثق", "توثيق")):
        assert other in lexicon.kindred(one)
        assert one in lexicon.kindred(other)
    assert lexicon.kindred("ظظظظ") == lexicon.kindred("abc") == ()


def test_keys_tell_words_apart_but_not_seats_of_hamza() -> None:
    assert key_of("مسؤول") == key_of("مسئول") != key_of("مسول")
    assert key_of("كتاب") != key_of("كتب") != key_of("كتبب")
    assert key_of("ابجدهوزحطيكل") != NO_KEY
    assert [key_of(word) for word in ("", "abc", "ابجدهوزحطيكلم")] == [NO_KEY] * 3


def test_the_header_tells_sources_and_licences() -> None:
    sources = default_lexicon().about["sources"]
    assert {source["name"].split(",")[0] for source in sources} >= {"arramooz-pysqlite", "libqutrub", "Wikidata"}
    assert all(source["licence"] for source in sources)


def test_what_is_written_is_read_and_the_same_bytes_come_of_the_same_input(tmp_path: Path) -> None:
    arrays = {"one": np.arange(5, dtype=np.int32), "two": np.array([[1.5], [2.5]])}
    for name in ("a", "b"):
        write_lexicon_file(tmp_path / name, arrays, {"sources": ["دار"]})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    opened = open_lexicon_file(tmp_path / "a")
    assert opened.about == {"sources": ["دار"]}
    assert all(np.array_equal(opened.arrays[name], array) for name, array in arrays.items())
    assert not opened.arrays["one"].flags.writeable


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "other", "missing"])
def test_a_damaged_lexicon_is_refused_with_advice(tmp_path: Path, damage: str) -> None:
    content = LEXICON_FILE.read_bytes()
    path = tmp_path / "lexicon.bin"
    if damage != "missing":
        flipped = content[:-1] + bytes([content[-1] ^ 1])
        path.write_bytes({"flipped": flipped, "cut": content[:-9], "empty": b"", "other": b"no lexicon"}[damage])
    with pytest.raises(DamagedLexicon, match="make lexicon") as refused:
        open_lexicon_file(path)
    assert str(path) in str(refused.value)


def test_a_lexicon_for_other_affixes_is_refused() -> None:
    for prefixes, suffixes in ((["x"], list(SUFFIXES)), (list(PREFIXES), ["x"])):
        with pytest.raises(DamagedLexicon, match="other affixes"):
            Lexicon(LexiconFile({}, {"prefixes": prefixes, "suffixes": suffixes}))
