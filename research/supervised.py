"""What labels would add: the default network taught with the real masks of a store, to stand beside zero-shot figures.

    python -m research.supervised EVALUATION_STORE --steps 3000

The store's normal and its annotated images are cut into two halves at random; a network of the default recipe, its
augmentations and its losses of masks, learns from one half and is judged on the other, and the other way round. One
thread. Thresholds are looked up on the judged images themselves, so the figures are upper bounds: not results.
"""

from collections.abc import Iterator
from dataclasses import replace

import click
import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from artasyn.data_manifests.store.version import Version, open_version
from artasyn.eval.summary.subgroups import LESION_BOUNDS
from artasyn.train.adaptation.pseudo_labels import PseudoLabelledImages, read_images
from artasyn.train.config import TrainConfig, load_config
from artasyn.train.fitting.state import new_state
from artasyn.train.fitting.step import take_step_
from artasyn.train.fitting.varied_batches import vary
from artasyn.train.models.anomaly_network import AnomalyNetwork
from artasyn.train.optim.schedule import learning_rate_factor
from artasyn.train.runtime.distributed import join_processes
from artasyn.train.scoring.anomaly_map import Prediction, as_input, predict
from artasyn.train.scoring.map_level import map_levels
from artasyn.train.scoring.threshold_curves import ThresholdCurves

SHARES = (0.01, 0.02, 0.03, 0.05)
DEVICE = torch.device("cpu")
GROUP = 16


def recipe(steps: int, seed: int) -> TrainConfig:
    config = load_config("default")
    masks_alone = replace(config.loss, global_mse=0.0, local_mse=0.0, lungs=0.0)
    return replace(
        config,
        seed=seed,
        loss=masks_alone,
        augment=replace(config.augment, opacity_gain=1.0),  # no image without its opacity is known
        schedule=replace(config.schedule, steps=steps),
        compute=replace(config.compute, precision="float32"),
        score=replace(config.score, aeration=0.0, head=0.0, distance=0.0, map_distance=0.0),
    )


def fit_masks(images: PseudoLabelledImages, places: NDArray[np.intp], config: TrainConfig) -> AnomalyNetwork:
    state = new_state(config, size=images.version.shape.size, device=DEVICE)
    rng, alone = np.random.default_rng(config.seed), join_processes("cpu")
    while state.step < config.schedule.steps:
        batch = images.batch(rng.choice(places, config.data.studies))._replace(pseudo_labelled=False)
        factor = learning_rate_factor(state.step / config.schedule.steps, config.schedule)
        rate = config.optim.learning_rate * factor
        varied = vary(batch, config, step=state.step)
        take_step_(state, state.network.train(), iter([varied]), config=config, processes=alone, rate=rate)
    return state.average


def maps_of(
    version: Version, rows: NDArray[np.intp], config: TrainConfig, network: AnomalyNetwork
) -> Iterator[NDArray[np.float32]]:
    for group in np.array_split(rows, -(-len(rows) // GROUP)):
        yield from predict(network, as_input(read_images(version, group), DEVICE), config.score).maps.numpy()


@click.command(help=__doc__)
@click.argument("store")
@click.option("--steps", default=3000, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(store: str, steps: int, seed: int) -> None:
    torch.set_num_threads(1)
    version, config = open_version(store), recipe(steps, seed)
    table, ok = version.table, version.rows(status="ok")
    normal = table["label"][ok] == "normal"
    keep = normal | table["has_mask"][ok].astype(bool)
    rows, normal = ok[keep], normal[keep]
    truth = [version.read(int(row), channels=("mask", "lungs", "reference_lungs")) > 0 for row in rows]
    masks = np.stack([np.packbits(t[0], axis=-1) for t in truth])
    labelled = PseudoLabelledImages(store, version, rows, masks)
    halves = np.random.default_rng(seed).permutation(len(rows)) % 2
    maps = np.zeros((len(rows), version.shape.size, version.shape.size), np.float32)
    for half in (0, 1):
        network = fit_masks(labelled, np.flatnonzero(halves != half), config)
        judged = np.flatnonzero(halves == half)
        maps[judged] = list(maps_of(version, rows[judged], config, network))
    lungs = [t[2] if t[2].any() else t[1] for t in truth]
    report(maps, [t[0] for t in truth], lungs, normal, config)


def report(
    maps: NDArray[np.float32],
    masks: list[NDArray[np.bool_]],
    lungs: list[NDArray[np.bool_]],
    normal: NDArray[np.bool_],
    config: TrainConfig,
) -> None:
    share = np.array([(m & g).sum() / max(1, g.sum()) for m, g in zip(masks, lungs, strict=True)])
    bins = np.minimum(np.searchsorted(LESION_BOUNDS, share, side="right") - 1, len(LESION_BOUNDS) - 2)
    every, parts = ThresholdCurves(), [ThresholdCurves() for _ in LESION_BOUNDS[1:]]
    for i in range(len(maps)):
        if normal[i]:
            every.add_normal(maps[i], lungs[i], score=0.0)
        else:
            for curves in (every, parts[bins[i]]):
                curves.add_synthetic(maps[i], masks[i], score=0.0)
    found = Prediction(torch.from_numpy(maps), None, torch.from_numpy(np.stack(lungs)).float())
    levels = map_levels(found, config.score).double().numpy()
    click.echo(f"AUROC {roc_auc_score(~normal, levels):.3f}")
    for wanted in SHARES:
        at = int(np.argmax(every.mean_marked() <= wanted))
        by_size = ", ".join(f"{part.mean_dice()[at]:.3f}" for part in parts)
        click.echo(
            f"{100 * wanted:.0f} % of normal lungs marked: Dice {every.mean_dice()[at]:.3f}; by size {by_size}"
        )


if __name__ == "__main__":
    main()
