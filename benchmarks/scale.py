"""100,000 simulated radiographs: memory of coordinator and workers, planning time, throughput.

    python -m benchmarks.scale [--radiographs 100000] [--size 32] [--workers 2] [--studies-per-shard 256]

The images are noise drawn on the spot and the lungs are accepted as given, so that what is measured is the plan, the
task graph, the store and the commit, not the synthesis; every row carries a record as long as a real one. Memory is
the peak resident set of each process as Linux counts it, shared libraries included.
"""

import argparse
import json
import resource
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from artasyn.data_manifests.corpora.radiograph import Radiograph
from artasyn.data_manifests.store.contract import Row
from artasyn.data_manifests.store.local_folder import FolderBlobs
from artasyn.data_manifests.store.version import open_version
from artasyn.synth.build.dask_executor import connect, on_cluster
from artasyn.synth.build.plan import Plan, make_plan
from artasyn.synth.build.selection import Selection
from artasyn.synth.build.shards import ShardTask, build_shards
from artasyn.synth.build.study import Study
from artasyn.synth.config import load_config
from artasyn.synth.sources.source import PhantomSource
from artasyn.synth.versions.card import write_card
from artasyn.synth.versions.summary import summary_table

RECORD = json.dumps({"strokes": [round(i * 0.137, 3) for i in range(130)]})
"""About as long as the record of one opacity."""


@dataclass(frozen=True, slots=True)
class NoiseSource(PhantomSource):
    """So many entries as a real corpus would list them; a thousand files stand behind them."""

    folder: Path

    @property
    def radiographs(self) -> tuple[Radiograph, ...]:
        """Return an entry for every image."""
        return tuple(
            Radiograph(
                image_id=f"p{i // 7:06d}/study{i % 7}/radiograph_{i:07d}.png",
                path=self.folder / f"{i % 1000}.png",
                label="normal",
                split="train",
                patient=f"{i // 7:032x}",
                attributes={"view": "PA", "sex": "F", "age": "40-60", "source": "simulated"},
            )
            for i in range(self.count)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseTask(ShardTask):
    """A shard of noise instead of opacities."""

    def make_study(self, place: int) -> Study:
        """Return two noisy samples of three slots, as the real engine does on average."""
        entry, study = self.entries[place], self.draft.shape.studies_of(self.shard)[place]
        side, slots = self.draft.shape.size, self.draft.shape.slots
        noise = np.random.default_rng(study).integers(0, 256, (6, side, side), np.uint8)
        row = Row(
            image_id=entry.image_id,
            study=study,
            variant=0,
            status="ok",
            split="train",
            patient=f"{study:032x}",
            pixels_sha256=f"{study:064x}",
            perceptual_hash=f"{study:016x}",
            record=RECORD,
            attributes=json.dumps({"view": "PA", "age": "40-60"}),
        )
        rows = [replace(row, variant=v) for v in range(slots - 1)]
        absent = replace(row, variant=slots - 1, status="absent", record="{}", reason="not_drawn: 2 drawn")
        return Study(dict.fromkeys(range(slots - 1), noise), (*rows, absent))


def noisy(tasks: Iterable[ShardTask]) -> Iterable[NoiseTask]:
    for task in tasks:
        yield NoiseTask(
            kind=task.kind, recipe=task.recipe, draft=task.draft, shard=task.shard, entries=task.entries
        )


class Watch(threading.Thread):
    """Follows the resident memory of the worker processes."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak, self.stop = 0, threading.Event()

    def run(self) -> None:
        """Look four times a second."""
        me = psutil.Process()
        while not self.stop.wait(0.25):
            for child in me.children(recursive=True):
                try:
                    self.peak = max(self.peak, child.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue


def write_files(folder: Path) -> None:
    for i in range(1000):
        (folder / f"{i}.png").write_bytes(np.random.default_rng(i).bytes(20_000))


def planned(arguments: argparse.Namespace, folder: Path, monkey: Any) -> Plan:
    config = replace(load_config("default"), size=arguments.size)
    monkey.open_source = lambda *_: NoiseSource(arguments.radiographs, folder)
    selection = Selection(corpus=f"noise:{arguments.radiographs}")
    return make_plan(selection, kind="synthetic", config=config, seed=0)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--radiographs", type=int, default=100_000)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--studies-per-shard", type=int, default=256, help="0: as a real build")
    arguments = parser.parse_args()

    import artasyn.data_manifests.store.contract
    import artasyn.synth.build.plan

    slots = len(load_config("default").opacities.variants)
    if arguments.studies_per_shard:
        artasyn.data_manifests.store.contract.SHARD_PIXELS = (
            arguments.studies_per_shard * slots * arguments.size**2
        )
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "files").mkdir()
        write_files(Path(scratch) / "files")
        report("start", 0.0)
        started = time.monotonic()
        plan = planned(arguments, Path(scratch) / "files", artasyn.synth.build.plan)
        report(
            f"planned {len(plan.entries)} radiographs, {plan.shape.shards} shards", time.monotonic() - started
        )

        draft = plan.draft(FolderBlobs(str(Path(scratch) / "store")))
        watch = Watch()
        started = time.monotonic()
        with connect(workers=arguments.workers) as client:
            watch.start()
            run = on_cluster(client)
            for _ in build_shards(plan, draft, executor=lambda tasks: run(noisy(tasks))):
                pass
            seconds = time.monotonic() - started
            watch.stop.set()
            watch.join()
        report(f"built, {plan.shape.studies / seconds:.0f} radiographs/s", seconds)
        print(f"  largest worker {watch.peak / 2**20:.0f} MB")

        started = time.monotonic()
        draft.commit({"kind": "synthetic"})
        report("committed", time.monotonic() - started)
        started = time.monotonic()
        version = open_version(str(Path(scratch) / "store"))
        summary_table(version)
        write_card(version)
        report(f"summary and card of {len(version)} rows", time.monotonic() - started)


def report(what: str, seconds: float) -> None:
    print(f"{what}: {seconds:.1f} s; coordinator's peak so far {peak_mb():.0f} MB", flush=True)


if __name__ == "__main__":
    main()
