"""Train the lung network of `artasyn.synth.lungs` on the outlines that the label-free pipeline is sure of.

No human outline is used. The first round learns from segmentation by thresholds, of radiographs where it is
confident, or from the network file given as `--teacher`; each later round from its forerunner's outlines of nearly all
radiographs. A source is a folder of normal radiographs, or a text file with one path a line:

    python -m tools.distill.distill --out synth/lungs/network/network.npz SOURCE [SOURCE ...]
"""

import argparse
import copy
import time
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from artasyn.data_manifests.images.decode import read_image
from artasyn.data_manifests.images.geometry import squeeze_to
from artasyn.synth.lungs.lung_field import LEFT, RIGHT
from artasyn.synth.lungs.network.int8_unet import LOGIT_STEP, evaluate, layers_from
from artasyn.synth.lungs.thresholds.candidates import WORK_SIZE, find_candidates
from artasyn.synth.lungs.thresholds.pairing import best_pair, pair_score, render_mask
from artasyn.synth.lungs.thresholds.segment import refined_labels
from artasyn.synth.outlining.agreement import overlap
from tools.distill.augment import augment
from tools.distill.network import LungNetwork, to_whole_numbers

Images = NDArray[np.uint8]  # (N, WORK_SIZE, WORK_SIZE)
BATCH = 16
RATE = 2e-3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sources", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, nargs="+", default=(1500, 3000, 2000), help="of each round")
    parser.add_argument("--teacher", type=Path, help="network file to start from instead of thresholds")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    rng = np.random.default_rng(given.seed)
    sources = [read_source(source) for source in given.sources]
    if given.teacher:
        images, labels = outlines_of(np.load(given.teacher), np.concatenate(sources))
    else:
        images, labels = (np.concatenate(parts) for parts in zip(*map(sure_outlines, sources), strict=True))
    network = LungNetwork()
    for steps in given.steps:
        network = train(network, images, labels, steps=steps, rng=rng)
        arrays = to_whole_numbers(network, as_input(images[:: len(images) // 256]))
        np.savez_compressed(given.out, **arrays)
        images, labels = outlines_of(arrays, np.concatenate(sources))


def read_source(source: Path) -> Images:
    """Return all radiographs of a folder or list, squeezed, in the order of their names."""
    listed = (
        source.iterdir() if source.is_dir() else map(Path, source.read_text(encoding="utf-8").splitlines())
    )
    paths = sorted(p for p in listed if p.suffix.lower() in (".png", ".jpg", ".jpeg"))
    return np.stack([squeeze_to(read_image(path), WORK_SIZE) for path in paths])


def sure_outlines(images: Images) -> tuple[Images, Images]:
    """Return the images of one source, and their labels, where thresholds did well by their own account.

    That is: a good pair, little moved by the refinement, with deep recesses beside the diaphragm on both sides. The
    last matters most, since thresholds tend to cut the recesses off and the network would learn just that.
    """
    found = [(image, best_pair(find_candidates(image))) for image in images]
    kept, labels, merits = [], [], []
    for image, pair in found:
        if pair is not None:
            refined, drawn = refined_labels(image, pair), [render_mask(lung) > 0 for lung in pair]
            overlaps = [
                overlap(refined == side, mask).dice for side, mask in zip((RIGHT, LEFT), drawn, strict=True)
            ]
            merits.append(
                (
                    pair_score(*pair),
                    recess(refined == RIGHT),
                    recess((refined == LEFT)[:, ::-1]),
                    min(overlaps),
                )
            )
            kept.append(image)
            labels.append(refined)
    table = np.array(merits)
    sure = (table >= np.quantile(table, (0.25, 0.3, 0.3, 0.15), axis=0).diagonal()).all(axis=1)
    print(f"{sure.sum()} of {len(images)} radiographs are sure")
    return np.stack(kept)[sure], np.stack(labels)[sure]


def recess(lung: NDArray[np.bool_]) -> float:
    """Return how far the outer recess of a lung (wall to the left) hangs below its middle, over its height."""
    columns, height = np.flatnonzero(lung.any(axis=0)), np.count_nonzero(lung.any(axis=1))
    lowest = WORK_SIZE - 1 - lung[::-1].argmax(axis=0)
    outer, middle = np.split(lowest[columns], [len(columns) * 35 // 100, len(columns) * 45 // 100])[::2]
    return float(outer.max() - np.median(middle[: max(1, len(columns) * 30 // 100)])) / height


def as_input(images: Images) -> Tensor:
    return torch.from_numpy(np.stack([cv2.equalizeHist(image) for image in images])[:, None]).float() / 255


def outlines_of(arrays: Mapping[str, np.ndarray], images: Images) -> tuple[Images, Images]:
    """Return nine tenths of the images, labelled by a network from both mirror images; the least sure are left."""
    layers, labels, surety = layers_from(arrays), [], []
    for image in map(cv2.equalizeHist, images):
        mirrored = evaluate(np.ascontiguousarray(image[:, ::-1]), layers)[::-1, :, ::-1]
        odds = (evaluate(image, layers).astype(np.float32) + mirrored) / 2 - 128
        chance, inside = 1 / (1 + np.exp(-odds * LOGIT_STEP)), odds > 0
        expected = 2 * (chance * inside).sum((1, 2)) / (chance.sum((1, 2)) + inside.sum((1, 2)) + 1)
        surety.append(expected.min())
        labels.append(np.where(inside.any(0), 1 + odds.argmax(0), 0).astype(np.uint8))
    keep = np.array(surety) >= np.quantile(surety, 0.1)
    return images[keep], np.stack(labels)[keep]


def train(
    network: LungNetwork, images: Images, labels: Images, *, steps: int, rng: np.random.Generator
) -> LungNetwork:
    """Return the running mean of the network's weights over training with cross entropy and soft Dice."""
    network = network.to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    mean = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-3)
    start = time.monotonic()
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, step / 200) * (0.5 + 0.5 * np.cos(np.pi * step / steps)) + 1e-5
        chosen = [augment(images[i], labels[i], rng=rng) for i in rng.integers(0, len(images), BATCH)]
        batch = as_input(np.stack([image for image, _ in chosen])).contiguous(
            memory_format=torch.channels_last
        )
        truth = torch.from_numpy(np.stack([(lungs == RIGHT, lungs == LEFT) for _, lungs in chosen])).float()
        loss = loss_of(network(batch), truth)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        follow_(mean, network, share=min(0.995, step / (step + 10)))
        if step % 200 == 0:
            print(f"step {step}: loss {loss.item():.4f}, {time.monotonic() - start:.0f} s", flush=True)
    return mean.eval()


def loss_of(odds: Tensor, truth: Tensor) -> Tensor:
    chance = torch.sigmoid(odds)
    shared = (chance * truth).sum((2, 3))
    overlap = (2 * shared + 1) / (chance.sum((2, 3)) + truth.sum((2, 3)) + 1)
    return F.binary_cross_entropy_with_logits(odds, truth) + 0.5 * (1 - overlap).mean()


@torch.no_grad()
def follow_(mean: LungNetwork, network: LungNetwork, *, share: float) -> None:
    """Move `mean` in place towards the network, keeping `share` of itself."""
    for kept, new in zip(mean.state_dict().values(), network.state_dict().values(), strict=True):
        if kept.dtype.is_floating_point:
            kept.lerp_(new, 1 - share)
        else:
            kept.copy_(new)


if __name__ == "__main__":
    main()
