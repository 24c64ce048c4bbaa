"""Adapt a run to unlabelled images of where it will be used: it learns on from its own marks there. Not zero-shot.

    python benchmarks/selftraining.py RUN UNLABELLED_STORE OUT TRAINING_STORE... --steps 900

The run marks the images once, at its frozen threshold. Then it trains on with a small learning rate: half of each step
synthetic, as before, half the unlabelled images with those marks. Thresholds are frozen anew on held-out *synthetic*
images. OUT is a run folder that lists the unlabelled images among those trained on, so scoring on them needs
`--allow-leak`. No label of the store is read.
"""

import copy
import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from data_manifests.store import open_version
from train.batches import Batch, StepBatches
from train.checkpoint import write_checkpoint
from train.ema import update_average_
from train.fit import calibrate
from train.folder import RunFolder, write_csv
from train.inference import look
from train.losses import focal
from train.networks import AnomalyNetwork, Output
from train.objective import Targets, weigh_losses
from train.prepare import prepare
from train.run import Run, open_run
from train.schedule import ScheduleConfig, learning_rate_factor
from train.stores import TrainingStore, open_training_stores

RATE = 3e-4
DECAY = 0.995
"""Of the averaged weights: of shorter memory than in a training from nothing."""


@click.command(help=__doc__)
@click.argument("run", type=click.Path(path_type=Path, exists=True))
@click.argument("unlabelled")
@click.argument("out", type=click.Path(path_type=Path, exists=False))
@click.argument("trained_on", nargs=-1, required=True)
@click.option("--steps", default=900, show_default=True)
@click.option("--threads", default=1, show_default=True)
def main(
    run: Path, unlabelled: str, out: Path, trained_on: tuple[str, ...], steps: int, threads: int
) -> None:
    torch.set_num_threads(threads)
    opened = open_run(run)
    stores = open_training_stores(trained_on)
    version = open_version(unlabelled)
    rows = version.rows(status="ok")
    images = np.stack([version.read(int(row), channels=("image",))[0] for row in rows])
    marked = mark(opened, torch.from_numpy(images))
    network = adapt(opened, stores, marked, steps=steps)
    shutil.copytree(run, out)
    folder = RunFolder(out)
    weights = {f"average.{name}": value for name, value in network.state_dict().items()}
    write_checkpoint(folder.checkpoint("best"), weights, {})
    calibrate(network, stores, folder, config=opened.config, device=torch.device("cpu"))
    note_images(folder, version.table["pixels_sha256"][rows], version.table["perceptual_hash"][rows])


def mark(run: Run, images: Tensor) -> Tensor:
    """Return `(N, 4, H, W)` uint8, as a training batch has it: image, image, marks of the run, lung field."""
    marked = []
    for group in images[:, None].split(16):
        grey = group.float() / 255
        maps = look(run.network, grey, run.config.score).maps[:, None]
        with torch.inference_mode():
            lungs = run.network(F.avg_pool2d(grey, run.network.shrink)).lungs
        lungs = F.interpolate(lungs, size=grey.shape[2:], mode="bilinear")
        marked.append(torch.cat((group, group, maps >= run.thresholds.pixel, lungs > 0), dim=1))
    return torch.cat(marked)


def adapt(run: Run, stores: tuple[TrainingStore, ...], marked: Tensor, *, steps: int) -> AnomalyNetwork:
    """Return the averaged weights after `steps` steps."""
    network, average = copy.deepcopy(run.network).train().requires_grad_(True), copy.deepcopy(run.network)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=run.config.optim.weight_decay)
    schedule = ScheduleConfig(steps=steps, warm_up=0.1)
    for step, batches in enumerate(parts(run, stores, marked, steps=steps)):
        optimizer.param_groups[0]["lr"] = RATE * learning_rate_factor(step / steps, schedule)
        loss = sum(losses(run, network, batch, step=step, part=part) for part, batch in enumerate(batches))
        optimizer.zero_grad()
        (loss / sum(batch.total for batch in batches)).backward()
        nn.utils.clip_grad_norm_(network.parameters(), run.config.optim.clip)
        optimizer.step()
        update_average_(average, network, decay=DECAY, step=10_000 + step)
        if step % 100 == 0:
            click.echo(f"step {step}: loss {float(loss.detach()) / (2 * run.config.data.studies):.3f}")
    return average


def parts(
    run: Run, stores: tuple[TrainingStore, ...], marked: Tensor, *, steps: int
) -> Iterator[tuple[Batch, Batch]]:
    """Yield the synthetic and the unlabelled half of each step."""
    seed, count = run.config.seed + 1, run.config.data.studies
    synthetic = StepBatches(stores, run.config.data, seed=seed, rank=0, world=1, parts=1)
    generator = torch.Generator().manual_seed(seed)
    for step in range(steps):
        chosen = torch.randint(len(marked), (count,), generator=generator)
        places = torch.arange(count)
        yield synthetic[step], Batch(marked[chosen], places, torch.full_like(places, -1), count, ())


def losses(run: Run, network: nn.Module, batch: Batch, *, step: int, part: int) -> Tensor:
    """Return the sum of the batch's losses; of the unlabelled half (part 1), cross entropy with its marks alone."""
    targets: Targets = prepare(
        batch, run.config.augment, seed=run.config.seed + 1 + part, step=step,
        studies=run.config.data.studies, shrink=run.config.network.shrink, device=torch.device("cpu"),
    )  # fmt: skip
    output: Output = network(targets.images)
    if part == 0:
        return weigh_losses(output, targets, run.config.loss)[0].sum()
    entropy = focal(output.logits, targets.masks, gamma=0.0)
    return run.config.loss.pixels * entropy.sum()


def note_images(folder: RunFolder, digests: np.ndarray, hashes: np.ndarray) -> None:
    """Add the unlabelled images to those that the run has seen."""
    with folder.training_images.open(encoding="utf-8", newline="") as file:
        header, *known = (tuple(row) for row in csv.reader(file))
    seen = {(str(a), str(b)) for a, b in zip(digests, hashes, strict=True)}
    write_csv(folder.training_images, [header, *sorted({*known, *seen})])


if __name__ == "__main__":
    main()
