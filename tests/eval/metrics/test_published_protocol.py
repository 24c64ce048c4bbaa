"""The published evaluator's arithmetic, with its faults."""

import numpy as np
import pytest
import torch
from torchmetrics.segmentation import DiceScore

from artasyn.eval.metrics.published_protocol import published_counts, published_figures, visited


def test_published_loader_reads_only_as_many_diseased_as_there_are_normals() -> None:
    abnormal = np.r_[np.zeros(234, bool), np.ones(390, bool)]
    seen = visited(abnormal)
    assert len(seen) == 624
    assert len(np.unique(seen[abnormal[seen]])) == 234  # of 390, as in the published evaluation of ZhangLab
    assert len(np.unique(visited(~abnormal))) == 624  # with more normals than diseased nothing is lost


@pytest.mark.filterwarnings("ignore:DiceScore metric currently defaults")
def test_published_dice_equals_torchmetrics() -> None:
    rng = np.random.default_rng(0)
    maps = (rng.random((8, 16, 16)) ** 4).astype(np.float32) * 0.4
    truths = rng.random((8, 16, 16)) < 0.2
    truths[:4] = False
    abnormal = np.r_[np.zeros(4, bool), np.ones(4, bool)]
    metric = DiceScore(num_classes=2, include_background=False, average="micro")
    counts = []
    for anomaly, truth in zip(maps, truths, strict=True):
        counts.append(published_counts(anomaly, truth, truth_known=True))
        marked = torch.from_numpy(anomaly >= max(0.03, 0.2 * float(anomaly.max())))
        metric.update(marked[None, None].int(), torch.from_numpy(truth)[None, None].int())
    got = published_figures(np.stack(counts), abnormal)
    assert got["dice"] == pytest.approx(metric.compute().item(), abs=1e-6)
    assert counts[0][0] == pytest.approx(np.mean(maps[0].astype(float) ** 2))


def test_published_arithmetic_takes_a_missing_mask_for_all_ones() -> None:
    anomaly, empty = np.full((4, 4), 0.5, np.float32), np.zeros((4, 4), bool)
    assert published_counts(anomaly, empty, truth_known=False)[1:].tolist() == [16, 0, 0]
    assert published_counts(anomaly, empty, truth_known=True)[1:].tolist() == [0, 16, 0]
    assert published_counts(0.02 * anomaly, empty, truth_known=True)[2] == 0  # below the floor of 0.03
