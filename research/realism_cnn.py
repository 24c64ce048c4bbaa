"""A classifier two-sample test: can a small network tell two sets of crops apart? AUROC 0.5 = it cannot."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import nn

from research.realism_data import Crops

__all__ = ["TwoSamples", "tell_apart"]

FOLDS = 4
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class TwoSamples:
    """AUROC with a 95 % interval (bootstrap over radiographs), and the numbers of crops."""

    auroc: float
    low: float
    high: float
    crops: tuple[int, int]


def tell_apart(one: Crops, other: Crops, *, epochs: int, seed: int = 0) -> TwoSamples:
    """Cross-validate a network on the two sets; a radiograph's crops are all in the same fold."""
    rng = np.random.default_rng(seed)
    size = min(len(one.pixels), len(other.pixels))
    picks = [rng.permutation(len(c.pixels))[:size] for c in (one, other)]
    pixels = _normalised(
        np.array([c.pixels[i] for c, pick in zip((one, other), picks, strict=True) for i in pick])
    )
    names = np.array([c.names[i] for c, pick in zip((one, other), picks, strict=True) for i in pick])
    truth = np.repeat([1, 0], size)
    distinct = np.unique(names)
    fold_of = dict(zip(distinct, rng.permutation(len(distinct)) % FOLDS, strict=True))
    fold = np.array([fold_of[name] for name in names])
    scores = np.zeros(2 * size)
    for k in range(FOLDS):
        network = _fit(pixels[fold != k], truth[fold != k], epochs=epochs, seed=seed + k)
        scores[fold == k] = _standardised(_score(network, pixels[fold == k]))
    low, high = _interval(truth, scores, names, rng=rng)
    return TwoSamples(float(roc_auc_score(truth, scores)), low, high, (size, size))


def _normalised(crops: NDArray[np.uint8]) -> Floats:
    """Take exposure and contrast away: mean 0 and deviation 1 in each crop."""
    values = crops.astype(np.float32)
    mean, deviation = values.mean((1, 2), keepdims=True), values.std((1, 2), keepdims=True)
    return np.asarray((values - mean) / (deviation + 1), dtype=np.float32)


def _fit(pixels: Floats, truth: NDArray[np.int64], *, epochs: int, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    layers: list[nn.Module] = []
    for before, after in ((1, 16), (16, 32), (32, 64), (64, 64)):
        layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.BatchNorm2d(after), nn.ReLU()]
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(64, 1))
    steps = epochs * (len(pixels) // 32)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=steps)
    network.train()
    for _ in range(steps):
        picks = rng.integers(len(pixels), size=32)
        batch = torch.from_numpy(_augmented(pixels[picks], rng=rng))[:, None]
        goal = torch.from_numpy(truth[picks].astype(np.float32))
        loss = nn.functional.binary_cross_entropy_with_logits(network(batch)[:, 0], goal)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()


def _augmented(batch: Floats, *, rng: np.random.Generator) -> Floats:
    """Mirror left and right, and vary the contrast a little."""
    mirrored = rng.random(len(batch)) < 0.5
    batch = np.where(mirrored[:, None, None], batch[:, :, ::-1], batch)
    return np.asarray(batch * rng.uniform(0.9, 1.1, (len(batch), 1, 1)), dtype=np.float32)


@torch.no_grad()
def _score(network: nn.Module, pixels: Floats) -> Floats:
    both = [network(torch.from_numpy(p.copy())[:, None])[:, 0].numpy() for p in (pixels, pixels[:, :, ::-1])]
    return np.asarray(sum(both), dtype=np.float32)


def _standardised(scores: Floats) -> Floats:
    return (scores - scores.mean()) / (scores.std() + 1e-6)


def _interval(
    truth: NDArray[np.int64],
    scores: NDArray[np.float64],
    names: NDArray[np.str_],
    *,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Resample radiographs, 1,000 times."""
    rows_of = [np.flatnonzero(names == name) for name in np.unique(names)]
    values = []
    while len(values) < 1000:
        rows = np.concatenate([rows_of[i] for i in rng.integers(len(rows_of), size=len(rows_of))])
        if 0 < truth[rows].mean() < 1:
            values.append(roc_auc_score(truth[rows], scores[rows]))
    return tuple(np.percentile(values, [2.5, 97.5]).tolist())
