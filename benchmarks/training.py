"""Measure the trainer against a straightforward one, both in this process, in turns.

    python -m benchmarks.training STORE [--size 128] [--rounds 3] [--threads 1]

Prints ratios and the machine they were taken on; processor seconds of this process, so a busy machine disturbs
them little. STORE is a synthetic version, such as `artasyn-synth build phantom:64 STORE` writes.
"""

import json
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import click
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from artasyn.train.config import TrainConfig, load_config
from artasyn.train.data.dataset import StepBatches
from artasyn.train.data.stores import TrainingStore, open_training_stores
from artasyn.train.fitting.fit import plan_fit, run_fit
from artasyn.train.fitting.prepare import prepare
from artasyn.train.fitting.state import TrainState, new_state
from artasyn.train.fitting.step import take_step_
from artasyn.train.fitting.varied_batches import vary
from artasyn.train.models.paper import PaperUNet
from artasyn.train.objective.losses import global_mse, local_mse, soft_dice, soft_residual_mask
from artasyn.train.objective.targets import Targets
from artasyn.train.runs.read_log import read_log
from artasyn.train.runtime.distributed import join_processes
from artasyn.train.runtime.precision import ComputeConfig, autocast, resolve_precision

CPU = torch.device("cpu")


@click.command()
@click.argument("store")
@click.option("--size", default=128, show_default=True, help="Side at which the paper's network sees images.")
@click.option("--rounds", default=3, show_default=True, help="Turns of each contestant.")
@click.option("--threads", default=1, show_default=True)
def main(store: str, size: int, rounds: int, threads: int) -> None:
    """Print the ratios as JSON."""
    torch.set_num_threads(threads)
    stores = open_training_stores([store])
    results = {
        "machine": {"processor": torch.backends.cpu.get_cpu_capability(), "python": platform.python_version(),
                    "torch": torch.__version__, "threads": threads},
        "paper_step": race_steps(stores, size=size, rounds=rounds),
        "loader": race_loaders(stores, rounds=rounds),
        "compact": measure_compact(store, steps=40),
    }  # fmt: skip
    click.echo(json.dumps(results, indent=1))


def race(contestants: dict[str, Callable[[], int]], *, rounds: int) -> dict[str, float]:
    """Return what each contestant did per processor second: the median of turns taken one after the other."""
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, run in contestants.items():
            began = time.process_time()
            done = run()
            if turn:  # the first turn warms up
                rates[name].append(done / (time.process_time() - began))
    return {name: round(float(np.median(values)), 3) for name, values in rates.items()}


def race_steps(stores: Sequence[TrainingStore], *, size: int, rounds: int) -> dict[str, Any]:
    """Train the paper's network: this trainer's step in two precisions, and the straightforward one."""
    preset = load_config("paper")
    shrink = stores[0].version.shape.size // size
    plain = replace(
        preset, network=replace(preset.network, shrink=shrink), compute=ComputeConfig(precision="float32")
    )
    quick = replace(plain, compute=resolve_precision(ComputeConfig(), CPU))
    batch = _batches(stores, plain)[0]

    def ours(config: TrainConfig) -> Callable[[], int]:
        state = new_state(config, size=stores[0].version.shape.size, device=CPU)
        processes = join_processes("cpu")

        def run() -> int:
            take_step_(
                state,
                state.network.train(),
                iter([vary(batch, config, step=state.step)]),
                config=config,
                processes=processes,
                rate=1e-4,
            )
            return 1

        return run

    base = replace(plain, compute=ComputeConfig(precision="float32", channels_last=False))
    theirs_state = new_state(base, size=stores[0].version.shape.size, device=CPU)
    optimizer = torch.optim.AdamW(theirs_state.network.parameters(), lr=1e-4, weight_decay=0.0, fused=False)

    def theirs() -> int:
        targets = prepare(*vary(batch, base, step=0).on(CPU), shrink=shrink)
        _straightforward_step_(theirs_state, targets, optimizer, base)
        return 1

    rates = race(
        {"straightforward": theirs, "float32": ours(plain), quick.compute.precision: ours(quick)},
        rounds=rounds,
    )
    ratios = {f"ratio_{name}": round(rate / rates["straightforward"], 2) for name, rate in rates.items()}
    return {"images_a_step": len(batch.items), "side": size, "steps_per_second": rates, **ratios}


def _straightforward_step_(
    state: TrainState, targets: Targets, optimizer: torch.optim.Optimizer, config: TrainConfig
) -> None:
    """Do as published: the encoder once to reconstruct, once for the features, once for the normal ones."""
    optimizer.zero_grad()
    with autocast(config.compute, CPU):
        reconstruction = state.network.train()(targets.images).reconstruction
    assert reconstruction is not None
    residual = (targets.images - reconstruction).abs()
    marked = soft_residual_mask(residual, floor=0.03, share=0.2, softness=0.02)
    core = cast(PaperUNet, state.network.core)
    features, normal = core.encode(targets.images)[0], core.encode(targets.normals)[0]
    distance = 1 - torch.nn.functional.cosine_similarity(features, normal, dim=1)
    loss: Tensor = (
        global_mse(reconstruction, targets.normals).mean()
        + 2 * local_mse(reconstruction, targets.normals, targets.masks).mean()
        + distance.mean() + soft_dice(marked, targets.masks).mean()
    )  # fmt: skip
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    for mine, theirs in zip(state.average.parameters(), state.network.parameters(), strict=True):
        mine.data.mul_(0.999).add_(theirs.data, alpha=0.001)


def race_loaders(stores: Sequence[TrainingStore], *, rounds: int) -> dict[str, Any]:
    """Read random batches from the shards, and the same samples from PNG files."""
    config = load_config("default")
    batches = _batches(stores, config)
    with tempfile.TemporaryDirectory() as folder:
        steps = range(8)
        items = [item for step in steps for item in batches.plan(step)]
        for item in items:
            pixels = stores[item.store].version.read(item.row, channels=("altered", "image", "mask"))
            for name, channel in zip(("altered", "image", "mask"), pixels, strict=True):
                Image.fromarray(channel).save(Path(folder) / f"{item.row}-{name}.png")

        def shards() -> int:
            return sum(len(batches[step].items) for step in steps)

        def files() -> int:
            for item in items:
                names = ("altered", "image", "mask") if item.altered else ("image",)
                [np.asarray(Image.open(Path(folder) / f"{item.row}-{name}.png")) for name in names]
            return len(items)

        rates = race({"png_folder": files, "shards": shards}, rounds=rounds)
    return {"images_per_second": rates, "ratio": round(rates["shards"] / rates["png_folder"], 2)}


def measure_compact(store: str, *, steps: int) -> dict[str, Any]:
    """Train the compact network for a while: images a second of wall time, share of it spent waiting for images."""
    preset = load_config("default")
    loop = replace(
        preset.loop, log_every=steps // 2, validate_every=steps, checkpoint_every=steps, pictures=0
    )
    config = replace(preset, schedule=replace(preset.schedule, steps=steps), loop=loop)
    with tempfile.TemporaryDirectory() as folder:
        plan = plan_fit(
            config, [store], Path(folder) / "run", processes=join_processes("cpu"), workers=0, resume=False
        )
        run_fit(plan, watch=lambda _: None)
        last = read_log(Path(folder) / "run" / "log.csv")[-1]
    return {name: last[name] for name in ("images_per_second", "share_waiting")}


def _batches(stores: Sequence[TrainingStore], config: TrainConfig) -> StepBatches:
    return StepBatches(stores, config.data, seed=0, rank=0, world=1, parts=1)


if __name__ == "__main__":
    main()
