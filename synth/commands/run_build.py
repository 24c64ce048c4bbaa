"""Run a planned build and show how far it is."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from artasyn.data_manifests.cli import say
from artasyn.data_manifests.heavy_imports import heavy_imports
from artasyn.data_manifests.progress import ProgressBar

if TYPE_CHECKING:
    from artasyn.data_manifests.store.draft import Draft
    from artasyn.synth.build.plan import Plan

__all__ = ["run_build"]

Watched = Iterator[Counter[str]]
ATTEMPTS = 3
"""Times that what is damaged is made before the disk is given up."""


def run_build(plan: "Plan", draft: "Draft", *, workers: int, scheduler: str) -> str:
    """Make what is missing of the version and commit it; return how fast that was, as text; "" if nothing was missing.

    What turns out damaged at the commit (a shard, a journal entry) is made again.
    """
    from artasyn.data_manifests.errors import DamageError
    from artasyn.synth.build.provenance import attributes_of

    started, studies = time.monotonic(), 0
    for attempt in range(ATTEMPTS):
        studies += _make_missing(plan, draft, workers=workers, scheduler=scheduler)
        seconds = time.monotonic() - started
        try:
            with ProgressBar("checking") as progress:
                draft.commit(attributes_of(plan, command=sys.argv, seconds=seconds), progress=progress)
            break
        except DamageError as error:
            if error.kind != "journal" or attempt == ATTEMPTS - 1:
                raise
            say(f" damaged  {error.subject} {error.reason}: made again")
    return f"{studies / seconds:.1f} radiographs/s: {studies} in {seconds:.1f} s" if studies else ""


def _make_missing(plan: "Plan", draft: "Draft", *, workers: int, scheduler: str) -> int:
    """Make the shards that are not there yet; return how many studies these were."""
    from artasyn.synth.build.shards import build_shards, run_here

    missing = draft.missing_shards()
    studies = sum(len(plan.shape.studies_of(shard)) for shard in missing)
    if len(missing) < plan.shape.shards:
        say(f"  resume  {plan.shape.shards - len(missing)} shards are there already")
    workers = min(workers, len(missing))
    if workers <= 1 and not scheduler:
        _watch(build_shards(plan, draft, executor=run_here), studies, slots=plan.shape.slots)
    else:
        with heavy_imports():  # a second: only where it is needed
            from artasyn.synth.build.dask_executor import connect, on_cluster

        with connect(workers=workers, scheduler=scheduler) as client:
            say(f"    Dask  {client.dashboard_link}")
            _watch(
                build_shards(plan, draft, executor=on_cluster(client, tell=say)),
                studies,
                slots=plan.shape.slots,
            )
    return studies


def _watch(tallies: Watched, studies: int, *, slots: int) -> None:
    """Show progress in radiographs while the shards come in."""
    total: Counter[str] = Counter()
    started = time.monotonic()
    with ProgressBar("building") as progress:
        for tally in tallies:
            total += tally
            done = total.total() // slots
            rate = done / (time.monotonic() - started)
            progress(done, studies, f"{rate:.1f} radiographs/s, {total['rejected'] // slots} left out")
