"""The table of variants on disk: what it answers, and what happens when it is missing, damaged or overruled."""

from __future__ import annotations

from pathlib import Path

import pytest

from searchapp.archive.directory import USER_VARIANTS, VARIANTS
from searchapp.archive.reading import SourceIdentity
from searchapp.archive.store import Archive
from searchapp.errors import IndexBroken, UsageError
from searchapp.model import Article, ExtractedPage, RawPage
from searchapp.variants.building import judge_texts
from searchapp.variants.explaining import explain_word, explained_rows
from searchapp.variants.refresh import refresh_variants, sample_texts
from searchapp.variants.table import VariantTable
from searchapp.variants.table_writing import MOST_VARIANTS, pair_rows, write_table
from searchapp.variants.user_pairs import UserPairs, read_user_pairs
from tests.variant_samples import reprints

# No lexicon has it: the tests must not hang on which names this one knows.
NAMES = ("زرنتيمو", "زرنتايمو")


def identity(word: str) -> str | None:
    return word if len(word.split()) == 1 else None


def written(path: Path, texts: list[str], user: UserPairs | None = None) -> VariantTable:
    write_table(
        path, pair_rows(judge_texts(texts, lambda terms: [False] * len(terms))), user or {}, stories=7, user_checksum=0
    )
    return VariantTable(path)


class Desk:
    """A data directory's archive, and a short way to fill it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.archive = Archive(directory / "archive.sqlite")
        self.count = 0
        with self.archive.transaction():
            self.source, _ = self.archive.begin_source(SourceIdentity(b"/a", "a", 1, 1, b"", ""))

    def put(self, texts: list[str]) -> None:
        with self.archive.transaction():
            for text in texts:
                self.count += 1
                page = RawPage("a", "a", 0, 1, 1, self.count, text.encode(), text)
                article = Article(id=f"a{self.count}", title="عنوان", body=text)
                self.archive.add_pages([(self.source, page, ExtractedPage(article, ()))], "off")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_variants_are_given_both_ways_with_one_similarity(tmp_path: Path) -> None:
    table = written(tmp_path / VARIANTS, reprints(*NAMES))
    ((other, similarity),) = table.variants(NAMES[0])
    assert other == NAMES[1]
    assert table.variants(NAMES[1]) == ((NAMES[0], similarity),)
    assert len(table) == 1
    assert table.stories == 7


@pytest.mark.parametrize("term", ["", "كلمه", "zzz", "\ud800", "نتنياه", "زرنتيموو"])
def test_other_terms_have_no_variants(tmp_path: Path, term: str) -> None:
    assert written(tmp_path / VARIANTS, reprints(*NAMES)).variants(term) == ()


def test_a_missing_file_is_an_empty_table(tmp_path: Path) -> None:
    table = VariantTable(tmp_path / VARIANTS)
    assert (table.variants("زرنتيمو"), len(table), table.stories, table.links()) == ((), 0, 0, {})
    assert list(table.pairs_of(["زرنتيمو"])) == []


def test_a_table_without_pairs_is_written_and_read(tmp_path: Path) -> None:
    table = written(tmp_path / VARIANTS, [])
    assert table.variants("زرنتيمو") == ()
    assert len(table) == 0


def test_no_term_has_more_than_four_variants_and_both_sides_agree(tmp_path: Path) -> None:
    terms = [f"كلمه{letter}" for letter in "ابتثجح"]
    user = {(min(one, other), max(one, other)): True for one in terms for other in terms if one != other}
    table = written(tmp_path / VARIANTS, [], user)
    assert max(len(table.variants(term)) for term in terms) == MOST_VARIANTS
    for term in terms:
        assert all(term in dict(table.variants(other)) for other, _ in table.variants(term))


def test_any_damage_is_told_with_the_advice_to_rebuild(tmp_path: Path) -> None:
    path = tmp_path / VARIANTS
    written(path, reprints(*NAMES))
    sound = path.read_bytes()
    for at in range(0, len(sound), max(len(sound) // 60, 1)):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 0x55]) + sound[at + 1 :])
        try:
            table = VariantTable(path)
            assert dict(table.variants(NAMES[0])).keys() == {NAMES[1]}
            table.pairs()
        except IndexBroken as error:
            assert "rebuild" in str(error)  # noqa: PT017
    path.write_bytes(sound[:-1])
    with pytest.raises(IndexBroken, match="rebuild"):
        VariantTable(path)


def test_a_table_that_could_not_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / VARIANTS
    written(path, reprints(*NAMES))

    def full(*_: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr("searchapp.variants.table_writing.write_segment_file", full)
    with pytest.raises(OSError, match="no space"):
        written(path, [])
    assert len(VariantTable(path)) == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("زرنتيمو زرنتايمو yes", "line 2: expected two words"),
        ("زرنتيمو\tزرنتايمو\tperhaps", "line 2: the third field is 'perhaps'"),
        ("زرنتيمو\tزرنتيمو\tyes", "line 2: .* are one term"),
        ("بنيامين زرنتيمو\tزرنتايمو\tyes", "line 2: 'بنيامين زرنتيمو' is not one word"),
        ("ب\tا\tno", "line 2: an earlier line says the opposite"),
    ],
)
def test_errors_in_the_users_file_name_file_and_line(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / USER_VARIANTS
    path.write_text(f"ا\tب\tyes\n{line}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=f"{USER_VARIANTS}, {message}"):
        read_user_pairs(path, identity)


def test_the_users_file_may_have_comments_empty_lines_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / USER_VARIANTS
    path.write_text("\ufeff# ours\n\nب\tا\tYES\n", encoding="utf-8")
    assert read_user_pairs(path, identity) == {("ا", "ب"): True}
    assert read_user_pairs(tmp_path / "none.tsv", identity) == {}


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / USER_VARIANTS
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="UTF-8"):
        read_user_pairs(path, identity)


def test_the_table_is_learnt_anew_when_the_archive_has_grown_by_a_quarter(desk: Desk) -> None:
    assert not refresh_variants(desk.directory, desk.archive), "an empty archive has nothing to learn from"
    desk.put(reprints(*NAMES))
    assert refresh_variants(desk.directory, desk.archive)
    assert dict(VariantTable.in_directory(desk.directory).variants(NAMES[0])).keys() == {NAMES[1]}
    desk.put(["خبر قصير"])
    assert not refresh_variants(desk.directory, desk.archive)
    desk.put(reprints("غوميز", "جوميز"))
    assert refresh_variants(desk.directory, desk.archive)
    assert len(VariantTable.in_directory(desk.directory)) == 2
    assert refresh_variants(desk.directory, desk.archive, force=True)


def test_the_user_adds_and_forbids_pairs_without_learning_anew(desk: Desk) -> None:
    desk.put(reprints(*NAMES))
    refresh_variants(desk.directory, desk.archive)
    user = desk.directory / USER_VARIANTS
    user.write_text(f"{NAMES[0]}\t{NAMES[1]}\tno\nزرقمط\t{NAMES[0]}\tyes\n", encoding="utf-8")
    assert refresh_variants(desk.directory, desk.archive)
    assert VariantTable.in_directory(desk.directory).variants(NAMES[0]) == (("زرقمط", 1.0),)
    assert not refresh_variants(desk.directory, desk.archive)
    user.unlink()
    assert refresh_variants(desk.directory, desk.archive)
    assert dict(VariantTable.in_directory(desk.directory).variants(NAMES[0])).keys() == {NAMES[1]}


def test_a_damaged_table_is_made_anew(desk: Desk) -> None:
    desk.put(reprints(*NAMES))
    (desk.directory / VARIANTS).write_bytes(b"damaged")
    assert refresh_variants(desk.directory, desk.archive)
    assert len(VariantTable.in_directory(desk.directory)) == 1


def test_a_small_archive_is_read_whole_and_once(desk: Desk) -> None:
    desk.put([f"خبر رقم {number}" for number in range(2500)])
    texts = list(sample_texts(desk.archive))
    assert len(texts) == len(set(texts)) == 2500


def test_a_word_is_explained_pair_by_pair(desk: Desk) -> None:
    desk.put(reprints(*NAMES))
    user = desk.directory / USER_VARIANTS
    user.write_text(f"زرقمط\t{NAMES[0]}\tyes\n", encoding="utf-8")
    refresh_variants(desk.directory, desk.archive)
    added, learnt = explain_word(desk.directory, NAMES[0])
    assert (added.verdict, added.other_term, added.similarity) == ("added", "زرقمط", 1)
    assert (learnt.word, learnt.other, learnt.verdict) == (*NAMES, "linked")
    assert learnt.changes == "length 1"
    assert learnt.frames > 0
    assert len({len(row) for row in explained_rows((added, learnt))}) == 1
    user.write_text(f"{NAMES[1]}\t{NAMES[0]}\tno\n", encoding="utf-8")
    refresh_variants(desk.directory, desk.archive)
    assert [pair.verdict for pair in explain_word(desk.directory, NAMES[1])] == ["forbidden"]
    with pytest.raises(UsageError, match="one word"):
        explain_word(desk.directory, "كلمتان اثنتان")
