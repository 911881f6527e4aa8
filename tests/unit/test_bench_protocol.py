"""The bench's protocol, its measurements and its report, with an engine that only pretends."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import machine
from bench.child import Child, ChildError
from bench.corpus import BenchArticle, CorpusFacts, write_corpus
from bench.figures import spread
from bench.measure import Race, build, cold_starts, commit_seconds, fingerprint, run_rounds, serving_memory
from bench.peers.registry import Contestant
from bench.queries import Query, write_queries
from bench.report import CorpusResult, RunResult, write_results
from bench.run import attempt
from bench.tasks import TASK_BY_NAME, TASKS
from bench.workspace import Workspace

FAKE = Path(__file__).with_name("fake_bench_engine.py")


def fake_command(_: Workspace) -> list[str]:
    script = f"import runpy, sys; sys.path.insert(0, '.'); runpy.run_path({str(FAKE)!r}, run_name='__main__')"
    return [sys.executable, "-c", script]


CONTESTANT = Contestant("fake", fake_command, (FAKE,))


@pytest.fixture
def work(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def facts(work: Workspace) -> CorpusFacts:
    articles = [BenchArticle(str(number), "t", "x", "sabq", "2015-07-21") for number in range(3)]
    queries = [Query(f"w{number}", "p q", "t", "okaz", "2015-07-21", "2015-07-30") for number in range(4)]
    facts = write_corpus(work.corpus("saudi"), "saudi", articles)
    write_queries(work.queries("saudi"), queries)
    return facts


@pytest.fixture
def child(work: Workspace) -> Iterator[Child]:
    with Child("fake", fake_command(work), work.log("fake")) as child:
        yield child


def test_an_engine_builds_opens_and_answers(work: Workspace, facts: CorpusFacts, child: Child) -> None:
    index = str(work.index("fake", "saudi"))

    assert child.ask("build", corpus=str(work.corpus("saudi")), index=index) == {"articles": 3, "index_bytes": 10}
    assert child.ask("open", index=index)["version"] == "fake 1"
    answer = child.run(TASK_BY_NAME["page_and_outlet"], work.queries("saudi"), 3, digest=True)

    assert len(answer["cpu_us"]) == len(answer["wall_us"]) == 3
    assert (answer["matches"], answer["hits"], answer["marked"]) == ([1, 1, 1], 3, 3)


def test_an_error_is_told_and_the_process_goes_on(work: Workspace, facts: CorpusFacts, child: Child) -> None:
    with pytest.raises(ChildError, match="no index here"):
        child.ask("open", index=str(work.index("fake", "saudi")))

    assert child.run(TASK_BY_NAME["top_phrase"], work.queries("saudi"), 2, digest=True)["hits"] == 0


def test_a_process_that_ends_is_told_of(work: Workspace) -> None:
    with (
        Child("broken", [sys.executable, "-c", "raise SystemExit(1)"], work.log("broken")) as child,
        pytest.raises(ChildError, match=r"broken ended during open; see .*broken\.log"),
    ):
        child.ask("open", index="x")


def test_cpu_time_and_memory_are_read_from_outside(work: Workspace, facts: CorpusFacts, child: Child) -> None:
    before = child.cpu_seconds()
    child.run(TASK_BY_NAME["top_or"], work.queries("saudi"), 4)

    assert child.cpu_seconds() > before
    assert 0 < child.memory().private <= child.memory().resident
    assert child.peak_bytes() >= child.memory().proportional


def test_an_index_is_built_again_only_when_its_sources_change(work: Workspace, facts: CorpusFacts) -> None:
    first = build(work, CONTESTANT, facts)

    assert build(work, CONTESTANT, facts) == first
    assert fingerprint(CONTESTANT, facts) != fingerprint(Contestant("fake", fake_command, ()), facts)


def test_interrupted_rounds_are_taken_up_again(work: Workspace, facts: CorpusFacts) -> None:
    build(work, CONTESTANT, facts)
    record = work.record("rounds")
    with Race(work, facts, 4) as race:
        race.enter(CONTESTANT)
        once = race.round(0)["fake"]
        done = {"fake": {task: {"cpu_us": [5.0], "wall_us": [6.0], "process_us": 7.0} for task in once}}
        record.parent.mkdir(exist_ok=True)
        record.write_text(json.dumps({"key": {"queries": 4}, "rounds": [done]}), encoding="utf-8")
        rounds = run_rounds(race, 2, record, {"queries": 4}, resume=True)

    assert list(once) == [task.name for task in TASKS]
    assert [one.cpu_us == [5.0] for one in rounds["fake"]["page_or"]] == [True, False]
    assert not record.exists()


def test_an_engine_that_fails_is_left_out_and_the_rest_goes_on(facts: CorpusFacts) -> None:
    result = CorpusResult(facts)
    good, bad = CONTESTANT, Contestant("bad", fake_command, ())
    seen: list[str] = []

    def fail_if_bad(contestant: Contestant) -> None:
        seen.append(contestant.name)
        if contestant is bad:
            raise ChildError("bad ended during build")

    attempt(result, [bad, good], fail_if_bad)
    attempt(result, [bad, good], fail_if_bad)

    assert seen == ["bad", "fake", "fake"]
    assert result.left_out == {"bad": "bad ended during build"}


def test_the_report_gives_times_ratios_and_what_was_left_out(work: Workspace, facts: CorpusFacts) -> None:
    result = CorpusResult(facts, left_out={"other": "not installed"})
    result.builds["fake"] = build(work, CONTESTANT, facts)
    with Race(work, facts, 4) as race:
        race.enter(CONTESTANT)
        rounds = run_rounds(race, 1, work.record("rounds"), {}, resume=False)
        result.versions, result.answers = race.versions, race.answers
    result.tasks = {task.name: {"fake": spread(rounds["fake"][task.name])} for task in TASKS}
    result.starts = cold_starts(work, [CONTESTANT], "saudi", 1)
    result.commits["fake"] = commit_seconds(work, CONTESTANT, "saudi", [work.corpus("saudi")])
    result.memory["fake"] = serving_memory(work, CONTESTANT, "saudi")
    run = RunResult("2025-01-02", machine.describe(0.5), 1, 4, ("fake",), {"saudi": result, "tenfold": result})

    table = write_results(run, work.root / "results")

    text = table.read_text(encoding="utf-8")
    assert "| fake | 1.00 / 1.00 |" in text
    assert "## saudi over saudi" in text
    assert "other is left out: not installed" in text
    written = json.loads(table.with_suffix(".json").read_text(encoding="utf-8"))
    assert written["ratios"]["saudi"]["page_or"]["p95"] == {"fake": 1.0}
    assert table.with_name(table.stem + "-saudi.svg").exists()
