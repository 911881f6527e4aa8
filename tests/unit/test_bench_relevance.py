"""The bench of relevance: its measures, collections, weights, tuning, and that it asks as the command line does."""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.relevance.collection import BadCollection, Collection, half_of, load, read_documents
from bench.relevance.comparison import Row, compare
from bench.relevance.cost import sample
from bench.relevance.failures import losses
from bench.relevance.metrics import ndcg, paired_bootstrap, recall, reciprocal_rank, score
from bench.relevance.product import Searcher, build, command_line_run
from bench.relevance.ranking_weights import BadWeights, changed, flat, only, parse_values
from bench.relevance.report import Report, interval, markdown, number, write
from bench.relevance.sets import Target
from bench.relevance.tuning import ascend
from bench.relevance.worst import HAS_ALL, NOTHING, is_copy, worst_queries
from bench.workspace import Workspace
from searchapp.engine.retrieval.core.weights import WEIGHTS, Weights

DOCUMENTS = (
    ("d1", "افتتاح المعرض", "افتتح الوزير معرض الكتاب في الرياض صباح اليوم"),
    ("d2", "", "وزير الخارجية يصل إلى باريس"),
    ("d3", "كرة القدم", "فاز الفريق في مباراة كرة القدم"),
)
QUERIES = {
    "q1": "معرض الكتاب الرياض",
    "q2": "وزير الخارجية باريس لندن",
    "q3": "مباراة «كرة القدم»",
    "q4": "لا حكم عليه",
}
JUDGEMENTS = (("q1", "d1", 2), ("q2", "d2", 1), ("q3", "d3", 1), ("q3", "d1", 0))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "tiny"
    made.mkdir()
    lines = (json.dumps({"_id": one, "title": title, "text": text}) for one, title, text in DOCUMENTS)
    with gzip.open(made / "corpus.jsonl.gz", "wt", encoding="utf-8") as corpus:
        corpus.write("\n".join(lines) + "\n")
    queries = "".join(json.dumps({"_id": one, "text": text}) + "\n" for one, text in QUERIES.items())
    (made / "queries.jsonl").write_text(queries, encoding="utf-8")
    rows = "".join(f"{query}\t{document}\t{grade}\n" for query, document, grade in JUDGEMENTS)
    (made / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + rows, encoding="utf-8")
    return made


def test_ndcg_weighs_grades_by_rank_against_the_best_possible_order() -> None:
    grades = {"a": 2, "b": 1, "c": 0}

    assert ndcg(["a", "b"], grades) == 1.0
    assert ndcg(["x", "b", "a"], grades) == pytest.approx(
        (1 / math.log2(3) + 2 / math.log2(4)) / (2 + 1 / math.log2(3))
    )
    assert ndcg([*"0123456789", "a"], grades) == 0.0


def test_the_reciprocal_rank_counts_the_first_relevant_of_ten() -> None:
    assert reciprocal_rank(["x", "b", "a"], {"a": 1, "b": 1}) == 0.5
    assert reciprocal_rank(["x", "b"], {"b": 0}) == 0.0
    assert reciprocal_rank([*"0123456789", "a"], {"a": 1}) == 0.0


def test_recall_is_the_share_of_the_relevant_among_a_hundred() -> None:
    hits = [str(number) for number in range(200)]

    assert recall(hits, {"99": 1, "100": 1, "5": 0}) == 0.5


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 3)))
def test_every_measure_lies_between_none_and_all(ranked: list[str], grades: dict[str, int]) -> None:
    for measure in (ndcg, reciprocal_rank, recall):
        assert 0.0 <= measure(ranked, grades) <= 1.0


def test_a_query_without_an_answer_scores_nothing() -> None:
    scores = score({}, {"q": {"a": 1}}, ["q"])

    assert {measure: values.tolist() for measure, values in scores.items()} == {
        "ndcg@10": [0.0],
        "mrr@10": [0.0],
        "recall@100": [0.0],
    }


def test_the_bootstrap_is_paired_and_repeats_itself() -> None:
    random = np.random.default_rng(1)
    theirs = random.random(400)

    first = paired_bootstrap(theirs + 0.01, theirs)
    noisy = paired_bootstrap(random.random(400), theirs)

    assert first == paired_bootstrap(theirs + 0.01, theirs)
    assert first.low == pytest.approx(0.01)
    assert noisy.low < noisy.mean < noisy.high
    with pytest.raises(ValueError, match="no queries"):
        paired_bootstrap(np.array([]), np.array([]))


def test_a_collection_keeps_the_queries_with_a_relevant_document(folder: Path) -> None:
    collection = load(folder)

    assert collection.name == "tiny"
    assert list(collection.queries) == ["q1", "q2", "q3"]
    assert collection.judgements["q3"] == {"d3": 1, "d1": 0}
    assert list(read_documents(collection.corpora)) == list(DOCUMENTS)


def test_judgements_of_near_duplicates_are_preferred(folder: Path) -> None:
    (folder / "qrels_neardup.tsv").write_text("q1\td1\t2\nq1\td2\t1\n", encoding="utf-8")

    assert load(folder).judgements == {"q1": {"d1": 2, "d2": 1}}
    assert len(load(folder, qrels="qrels.tsv").judgements) == 3


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("queries.jsonl", "{oops\n", r"queries\.jsonl:1: not JSON"),
        ("queries.jsonl", '{"_id": 1, "text": "a"}\n', r"queries\.jsonl:1: '_id' must be a string"),
        ("qrels.tsv", "h\th\th\nq1 d1 1\n", r"qrels\.tsv:2: a line must be"),
        ("qrels.tsv", "q1\td1\t0\n", "none of its 4 queries has a relevant document"),
        ("qrels.tsv", None, "there are none"),
        ("corpus.jsonl.gz", None, "there is no corpus.jsonl"),
    ],
)
def test_a_broken_collection_is_told_with_file_and_place(
    folder: Path, file: str, content: str | None, message: str
) -> None:
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_text(content, encoding="utf-8")

    with pytest.raises(BadCollection, match=message):
        load(folder)


def test_a_query_is_always_in_the_same_half(folder: Path) -> None:
    names = [f"q{number}" for number in range(1000)]
    collection = load(folder)

    assert 400 < sum(half_of(name) == "a" for name in names) < 600
    halves = [set(collection.of_half(half).queries) for half in ("a", "b")]
    assert halves[0] | halves[1] == set(collection.queries)
    assert not halves[0] & halves[1]


@dataclass(frozen=True)
class Inner:
    slope: float = 0.5
    reach: int = 15


@dataclass(frozen=True)
class Outer(Weights):
    inner: Inner = field(default_factory=Inner)


def test_weights_are_set_by_name_in_nested_tables_too() -> None:
    weights = changed(Outer(), parse_values("k1=.9, slope=0.7,inner.reach=9"))

    assert (weights.k1, weights.inner.slope, weights.inner.reach) == (0.9, 0.7, 9)  # type: ignore[attr-defined]
    assert flat(weights)["inner.slope"] == 0.7
    assert flat(changed(WEIGHTS, {})) == flat(WEIGHTS)
    assert {name for name, value in flat(only(Outer(), {"k1", "reach"})).items() if value} == {"k1", "inner.reach"}


@pytest.mark.parametrize("text", ["nothing=1", "k1", "k1=much"])
def test_weights_that_cannot_be_set_are_named(text: str) -> None:
    with pytest.raises(BadWeights, match=text.partition("=")[0]):
        changed(WEIGHTS, parse_values(text))


def test_tuning_goes_to_the_best_and_leaves_what_does_not_matter() -> None:
    asked: list[Weights] = []

    def objective(weights: Weights) -> float:
        asked.append(weights)
        return 1 - (weights.k1 - 2.4) ** 2 - (weights.exact - 0.18) ** 2

    tuned = ascend(WEIGHTS, ["k1", "exact", "title"], objective, lambda _: None)

    assert (tuned.k1, tuned.exact, tuned.title) == (2.4, 0.18, WEIGHTS.title)
    assert len(asked) == len(set(asked))


def test_a_sample_is_spread_over_all_queries() -> None:
    texts = {str(number): str(number) for number in range(10)}

    assert sample(texts, 5) == ["0", "2", "4", "6", "8"]
    assert len(sample(texts, 300)) == 10


def test_a_target_is_met_at_full_precision() -> None:
    assert Row("s", "nDCG@10", 0.8, 0.8).met
    assert not Row("s", "nDCG@10", 0.8, 0.79999).met
    assert not Row("s", "lower bound", 0.0, 0.0, above=True).met


def test_figures_are_reported_beside_the_anchor_and_the_targets(folder: Path, tmp_path: Path) -> None:
    collection = load(folder)
    run = {"q1": ["d1"], "q2": ["d2"], "q3": ["d1", "d3"]}
    result = compare(collection, run, {"q2": ["d1", "d2"]}, (3, 1), Target(ndcg=0.9, over_anchor=0.05))
    report = Report("2026-01-31", "a", flat(WEIGHTS), (result,))

    text = markdown(report)
    written = write(report, tmp_path)

    assert "refused, so that they cannot be found: 1." in text
    assert "| tiny | nDCG@10 | ≥ .9000 | .8770 | short |" in text
    assert "| tiny | nDCG@10 | ≥ .2603 | .8770 | met |" in text
    assert written.read_text(encoding="utf-8") == text
    record = json.loads(written.with_suffix(".json").read_text(encoding="utf-8"))
    assert [row["met"] for row in record["sets"][0]["targets"]] == [False, True, True, True]


def test_numbers_are_written_without_the_zero_in_front() -> None:
    assert [number(value) for value in (0.12345, -0.5, 1.0, 0.99999)] == [".1235", "-.5000", "1.0000", "1.0000"]
    assert interval(paired_bootstrap(np.ones(3), np.zeros(3))) == "+1.0000 [1.0000, 1.0000]"


def _measured(folder: Path, tmp_path: Path) -> tuple[Collection, Path, dict[str, list[str]]]:
    collection = load(folder)
    built = build(Workspace(tmp_path / "work"), collection)
    assert (built.documents, built.rejected) == (3, 0)
    with Searcher(1) as searcher:
        return collection, built.directory, searcher.run(built.directory, collection.queries, WEIGHTS)


@pytest.mark.slow
def test_the_product_is_asked_as_its_command_line_asks(folder: Path, tmp_path: Path) -> None:
    collection, directory, run = _measured(folder, tmp_path)

    assert run["q1"][0] == "d1"
    assert run == command_line_run(directory, collection.queries, tmp_path / "check")


@pytest.mark.slow
def test_a_failure_is_described_with_ranks_texts_and_the_understood_query(folder: Path, tmp_path: Path) -> None:
    collection, directory, run = _measured(folder, tmp_path)

    text = "\n".join(losses(collection, ({**run, "q2": []}, run), 1, directory, WEIGHTS))

    assert text.startswith("## q2: nDCG@10 0.000, anchor 1.000")
    assert "relevant d2 at –, 1: | وزير الخارجية" in text
    assert "باريس→" in text


@pytest.mark.slow
def test_the_worst_queries_are_listed_with_rank_lacking_words_and_class(folder: Path, tmp_path: Path) -> None:
    collection, directory, run = _measured(folder, tmp_path)
    changed_run = {**run, "q1": ["d3", "d1"], "q2": [], "q3": ["d1", "d3"]}

    listed = worst_queries(collection, changed_run, 3, directory, WEIGHTS)

    assert [one.query for one in listed] == ["q2", "q1", "q3"]
    assert (listed[0].rank, listed[0].lacking, listed[0].words, listed[0].why) == (None, ("لندن",), 4, NOTHING)
    assert (listed[1].rank, listed[1].lacking, listed[1].why) == (2, (), HAS_ALL)
    assert (listed[2].rank, listed[2].lacking, listed[2].why) == (2, (), HAS_ALL)
    result = replace(compare(collection, changed_run, None, (3, 0), None), worst=listed)
    text = markdown(Report("2026-01-31", None, flat(WEIGHTS), (result,)))
    assert "## The worst queries of tiny" in text
    assert f"| وزير الخارجية باريس لندن | .0000 | – | لندن | 4 | {NOTHING} |" in text


def test_a_text_is_a_copy_when_it_shares_half_of_the_sequences_of_the_shorter() -> None:
    words = [f"كل{number}" for number in range(40)]
    assert is_copy(" ".join(words), " ".join(words[:12]))
    assert not is_copy(" ".join(words), " ".join([*words[:6], *words[20:24], *words[10:14], *words[30:34]]))
    assert not is_copy("قصير", "قصير")


@pytest.mark.slow
def test_an_index_is_made_once_for_the_same_documents(folder: Path, tmp_path: Path) -> None:
    work = Workspace(tmp_path / "work")
    first = build(work, load(folder))
    made = first.directory.stat().st_ctime_ns

    assert build(work, load(folder)) == first
    assert first.directory.stat().st_ctime_ns == made
