"""Measure training on this machine, a GPU above all, within ten minutes.

    python -m benchmarks.gpu STORE... [--preset default --preset gpu --preset paper] [--minutes 9] [--out gpu.json]

For each recipe: steps and images a second, share of the time spent waiting for the loader, the most memory, and how
far the losses of the same steps lie from those of the processor. STORE are synthetic versions, such as
`artasyn-synth build phantom:64 STORE --size 512` writes; a recipe takes the smallest that its network can use.
"""

import itertools
import json
import resource
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import torch

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.config import TrainConfig, load_config
from artasyn.train.data.dataset import StepBatches
from artasyn.train.data.loader import BatchFeed, loader_workers
from artasyn.train.data.stores import TrainingStore, open_training_stores
from artasyn.train.fitting.meters import Window
from artasyn.train.fitting.state import new_state
from artasyn.train.fitting.step import take_step_
from artasyn.train.fitting.varied_batches import VariedBatches
from artasyn.train.runtime.distributed import Processes, join_processes
from artasyn.train.runtime.precision import ComputeConfig, resolve_precision, training_arithmetic

WARM_UP_STEPS = 5
COMPARED_STEPS = 3
WINDOW_STEPS = 20
CPU = Processes(rank=0, world=1, device=torch.device("cpu"))


@click.command(help=__doc__)
@click.argument("stores", nargs=-1, required=True)
@click.option("--preset", multiple=True, default=("default", "gpu", "paper"), help="Recipes to measure.")
@click.option("--minutes", default=9.0, show_default=True, help="Time for all of them together.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--workers", type=int, help="Processes that read ahead; as `fit` unless given.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("gpu.json"), show_default=True)
def main(
    stores: tuple[str, ...],
    preset: tuple[str, ...],
    minutes: float,
    device: str,
    workers: int | None,
    out: Path,
) -> None:
    opened = sorted((open_training_stores([name])[0] for name in stores), key=_size)
    processes = join_processes(device)
    rows = [
        measure(load_config(name), opened, processes, seconds=60 * minutes / len(preset), workers=workers)
        | {"preset": Path(name).stem}
        for name in preset
    ]
    out.write_text(json.dumps({"machine": describe_machine(processes.device), "rows": rows}, indent=1))
    click.echo(f"{out}\n{render_table(rows)}")


def measure(
    config: TrainConfig,
    stores: Sequence[TrainingStore],
    processes: Processes,
    *,
    seconds: float,
    workers: int | None = None,
) -> dict[str, Any]:
    """Train with this recipe for so many seconds, a third of it for the comparison with the processor."""
    store = _fitting(config, stores)
    resolved = replace(config, compute=resolve_precision(config.compute, processes.device))
    count = loader_workers(processes.device, processes=1) if workers is None else workers
    with training_arithmetic(processes.device):
        speed = measure_speed(resolved, store, processes, seconds=seconds * 2 / 3, workers=count)
        gap = measure_agreement(config, store, processes, seconds=seconds / 3)
    return {"side": _size(store), "seen": _size(store) // config.network.shrink, "workers": count,
            "precision": resolved.compute.precision} | speed | gap  # fmt: skip


def measure_speed(
    config: TrainConfig, store: TrainingStore, processes: Processes, *, seconds: float, workers: int
) -> dict[str, float]:
    """Return rates, the share of the time spent waiting, and the most memory, after a few steps to warm up."""
    steps = _steps(config, store, processes, workers=workers)
    for _ in range(WARM_UP_STEPS):
        steps.take_()
    steps.window.means()
    if processes.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(processes.device)
    began, taken, images, waited = time.perf_counter(), 0, 0, steps.feed.waited
    while time.perf_counter() - began < seconds:
        for _ in range(WINDOW_STEPS if processes.device.type == "cuda" else 1):
            images += steps.take_()
            taken += 1
        steps.window.means()  # as a line of the log: this waits for the device
    spent = time.perf_counter() - began
    return {
        "steps_per_second": round(taken / spent, 3),
        "images_per_second": round(images / spent, 1),
        "share_waiting": round((steps.feed.waited - waited) / spent, 4),
        "memory_mib": _most_memory(processes.device),
    }


def measure_agreement(
    config: TrainConfig, store: TrainingStore, processes: Processes, *, seconds: float
) -> dict[str, float]:
    """Return the largest relative difference of the losses of the first steps, float32, from the processor's.

    So many steps are compared as fit into the time, at least one.
    """
    exact = replace(config, compute=ComputeConfig(precision="float32"))
    here = _steps(exact, store, CPU, workers=0)
    there = _steps(exact, store, processes, workers=0)
    began, gaps = time.perf_counter(), list[float]()
    while not gaps or (len(gaps) < COMPARED_STEPS and time.perf_counter() - began < seconds):
        one, other = (steps.loss() for steps in (here, there))
        gaps.append(abs(one - other) / abs(one))
    return {"steps_compared": len(gaps), "difference_from_cpu": max(gaps)}


class _Steps:
    """Steps of one training."""

    def __init__(
        self, config: TrainConfig, batches: StepBatches, processes: Processes, *, size: int, workers: int
    ) -> None:
        self.config, self.processes = config, processes
        self.state = new_state(config, size=size, device=processes.device)
        pin = processes.device.type == "cuda"
        self.feed = BatchFeed(VariedBatches(batches, config), start=0, stop=2**40, workers=workers, pin=pin)
        self.batches = iter(self.feed)
        self.window = Window(self.feed, skips=self.state.scaler.is_enabled())

    def take_(self) -> int:
        """Take one step; return its images."""
        module = self.state.network.train()
        rate = self.config.optim.learning_rate
        result = take_step_(
            self.state, module, self.batches, config=self.config, processes=self.processes, rate=rate
        )
        self.window.add(result)
        return result.images

    def loss(self) -> float:
        """Take one step and return its loss."""
        self.take_()
        return self.window.means()["loss"]


def _steps(config: TrainConfig, store: TrainingStore, processes: Processes, *, workers: int) -> _Steps:
    parts = config.optim.accumulate
    batches = StepBatches([store], config.data, seed=config.seed, rank=0, world=1, parts=parts)
    return _Steps(config, batches, processes, size=_size(store), workers=workers)


def _size(store: TrainingStore) -> int:
    return store.version.shape.size


def _fitting(config: TrainConfig, stores: Sequence[TrainingStore]) -> TrainingStore:
    """Return the smallest store that the network takes, of those of at least 128 px seen where there is one."""
    for least, store in itertools.product((128, 1), stores):
        if _size(store) // config.network.shrink >= least:
            return store
    raise ConfigError("stores", "none has images that the network can take")


def _most_memory(device: torch.device) -> int:
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device) // 2**20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def describe_machine(device: torch.device) -> dict[str, Any]:
    """Return what the figures were taken on."""
    kind = (
        torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else torch.backends.cpu.get_cpu_capability()
    )
    return {"device": kind, "torch": torch.__version__, "threads": torch.get_num_threads()}


def render_table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows under their names."""
    names = ["preset", *(name for name in rows[0] if name != "preset")]
    cells = [names, *([f"{row[name]:.3g}" if isinstance(row[name], float) else str(row[name]) for name in names]
                      for row in rows)]  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in cells
    )


if __name__ == "__main__":
    main()
