"""What `bench.ingest` notes of a run."""

from __future__ import annotations

from bench.ingest import Meter, Stopwatch


def test_each_tenth_counts_what_came_in_it_and_the_last_one_the_rest() -> None:
    meter = Meter(100, Stopwatch())
    meter.start(0)
    for _ in range(32):
        meter.advance(1, 3)
    meter.phase("index", 0, 5)
    meter.phase("index", 5, 5)
    assert [tenth.count for tenth in meter.tenths] == [12, 9, 9, 12, 9, 9, 12, 9, 9, 6]
    assert meter.indexing is not None
    assert meter.indexing.count == 5
    assert all(tenth.peak > 0 for tenth in meter.tenths)


def test_time_is_counted_once_where_functions_call_one_another() -> None:
    class Worker:
        def outer(self) -> int:
            return self.inner()

        def inner(self) -> int:
            return sum(range(200_000))

    watch = Stopwatch()
    plain = Worker.outer
    with watch.over(((Worker, "outer"), (Worker, "inner"))):
        assert Worker().outer() == sum(range(200_000))
        once = watch.seconds
        Worker().inner()
    assert 0 < once < watch.seconds
    assert Worker.outer is plain
