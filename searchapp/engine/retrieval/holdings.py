"""What an index holds: its stories, their copies, days and outlets."""

from __future__ import annotations

from datetime import date

import numpy as np

from searchapp.engine.retrieval.core.snapshot import Snapshot
from searchapp.engine.retrieval.facets.copies import UNDATED, CopyColumns
from searchapp.engine.storage.pointers import distinct
from searchapp.model import Statistics


def holdings(snapshot: Snapshot, generation: int) -> Statistics:
    """Counts over all copies of all stories; `generation` is passed on. They are kept with the snapshot."""
    return snapshot.derived("holdings", lambda: _counted(snapshot, generation))


def _counted(snapshot: Snapshot, generation: int) -> Statistics:
    columns, live = CopyColumns.of(snapshot), snapshot.live()
    owners = columns.owners()
    copies = np.flatnonzero(live.take(owners))
    days = columns.days.take(copies)
    dated = days[days != UNDATED]
    first, last = (date.fromordinal(int(day)) for day in (dated.min(), dated.max())) if len(dated) else (None, None)
    names = columns.outlet_names
    # A story counts once for each outlet, however many copies of it that has.
    pairs = distinct(owners.take(copies) * len(names) + columns.outlets.take(copies))
    stories = np.bincount(pairs % len(names), minlength=len(names)).tolist() if names else []
    outlets = sorted(zip(names, stories, strict=True), key=lambda each: -each[1])
    return Statistics(
        len(copies),
        int(live.sum()),
        len(copies) - len(dated),
        tuple(each for each in outlets if each[1]),
        first,
        last,
        generation,
    )
