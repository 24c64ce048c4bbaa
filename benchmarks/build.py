"""A build from end to end on real radiographs: radiographs/s, what takes the time, and two workers against one.

    OMP_NUM_THREADS=1 python -m benchmarks.build FOLDER [--limit 1500] [--rounds 2] [--studies-per-shard 32]

The shares come from one process with timers around the parts. One and two workers take turns in the same run, each
round into a store of its own; starting the workers is not counted, committing is. Quote the ratio, not the seconds:
these depend on what else the machine does, which the load average tells.
"""

import argparse
import os
import resource
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

import artasyn.data_manifests.store.contract
import artasyn.synth.build.shards
import artasyn.synth.build.study
import artasyn.synth.build.synthetic_study
from artasyn.data_manifests.corpora.corpus import Corpus
from artasyn.data_manifests.images.geometry import Squaring
from artasyn.data_manifests.store.draft import Draft
from artasyn.data_manifests.store.local_folder import FolderBlobs
from artasyn.synth.build.dask_executor import connect, on_cluster
from artasyn.synth.build.plan import Plan, make_plan
from artasyn.synth.build.selection import Selection
from artasyn.synth.build.shards import Executor, build_shards, run_here
from artasyn.synth.config import load_config

PARTS = {
    "decode": [(Corpus, "read_image")],
    "lungs": [(artasyn.synth.build.synthetic_study, "look_for_lungs")],
    "synthesis": [(artasyn.synth.build.synthetic_study, "synthesize_in")],
    "fingerprints": [
        (artasyn.synth.build.study, "pixels_sha256"),
        (artasyn.synth.build.study, "perceptual_hash"),
    ],
    "resize": [(Squaring, "image")],
    "encode": [(artasyn.synth.build.shards, "encode_shard")],
    "write and sync": [(Draft, "write_shard")],
}


def timed(function: Callable[..., Any], spent: Counter[str], part: str) -> Callable[..., Any]:
    def measured(*arguments: Any, **named: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            spent[part] += time.perf_counter() - started  # type: ignore[assignment]

    return measured


def build(plan: Plan, store: Path, executor: Executor) -> float:
    """Build and commit; return the seconds it took."""
    draft = plan.draft(FolderBlobs(str(store)))
    started = time.monotonic()
    for _ in build_shards(plan, draft, executor=executor):
        pass
    draft.commit({"kind": "synthetic"})
    return time.monotonic() - started


def measure_shares(plan: Plan, store: Path) -> None:
    spent: Counter[str] = Counter()
    originals = [(owner, name, getattr(owner, name)) for part in PARTS.values() for owner, name in part]
    for part, places in PARTS.items():
        for owner, name in places:
            setattr(owner, name, timed(getattr(owner, name), spent, part))
    try:
        seconds = build(plan, store, run_here)
    finally:
        for owner, name, function in originals:
            setattr(owner, name, function)
    print(f"one process, no Dask: {len(plan.entries) / seconds:.1f} radiographs/s, {seconds:.1f} s")
    for part, share in [*spent.most_common(), ("all else, the commit included", seconds - spent.total())]:
        print(
            f"  {100 * share / seconds:5.1f} %  {1000 * share / len(plan.entries):6.2f} ms a radiograph  {part}"
        )
    print(f"  peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def race(plan: Plan, scratch: Path, rounds: int) -> None:
    seconds: dict[int, list[float]] = {1: [], 2: []}
    with connect(workers=1) as one, connect(workers=2) as two:
        clients = {1: one, 2: two}
        for number in range(-1, rounds):  # the first round only loads the workers' programs
            for workers, client in clients.items():
                taken = build(plan, scratch / f"{workers}_{number}", on_cluster(client))
                if number >= 0:
                    seconds[workers].append(taken)
        workers_mb = [p.memory_info().rss / 2**20 for p in psutil.Process().children(recursive=True)]
    rates = {w: len(plan.entries) / statistics.median(taken) for w, taken in seconds.items()}
    print(f"1 worker  {rates[1]:.1f} radiographs/s   2 workers  {rates[2]:.1f} radiographs/s")
    print(f"2 workers / 1 worker = {rates[2] / rates[1]:.2f}; largest worker {max(workers_mb):.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus")
    parser.add_argument("--limit", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--studies-per-shard", type=int, default=32)
    parser.add_argument("--preset", default="default")
    arguments = parser.parse_args()

    config = load_config(arguments.preset)
    slots = len(config.opacities.variants)
    artasyn.data_manifests.store.contract.SHARD_PIXELS = arguments.studies_per_shard * slots * config.size**2
    selection = Selection(corpus=arguments.corpus, limit=arguments.limit)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as scratch:
        started = time.monotonic()
        plan = make_plan(selection, kind="synthetic", config=replace(config), seed=0)
        print(f"planned {len(plan.entries)} radiographs in {time.monotonic() - started:.1f} s")
        next(build_shards(plan, plan.draft(FolderBlobs(f"{scratch}/warm"))))
        measure_shares(plan, Path(scratch) / "shares")
        if arguments.rounds:
            race(plan, Path(scratch), arguments.rounds)
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
