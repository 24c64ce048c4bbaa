"""What the commands share: the images a second, and the options that a page repeats."""

from pathlib import Path

import numpy as np
import pytest
import torch

from artasyn.data_manifests.errors import ConfigError
from artasyn.data_manifests.store.version import open_version
from artasyn.eval.commands.image_rate import ImageRate
from artasyn.eval.commands.options import SCORING
from artasyn.eval.inference import infer, infer_levels, move_run
from artasyn.eval.score import ScoreConfig
from artasyn.eval.scoring.config import options_of
from artasyn.train.runs.run import open_run


def test_the_rate_counts_what_was_done_since_the_first_call() -> None:
    """Ten images were there already; 30 more in 2 seconds are 15 a second; a second run begins anew."""
    told: list[str] = []
    times = iter((5.0, 7.0, 8.0, 9.0))
    rate = ImageRate(lambda *shown: told.append(shown[2]), clock=lambda: next(times))
    rate(10, 60), rate(40, 60)
    rate(20, 60), rate(24, 60)
    assert told == ["", "15.0 images/s", "", "4.0 images/s"]


def test_a_page_repeats_the_options_that_were_given() -> None:
    assert options_of(ScoreConfig()) == options_of(ScoreConfig(workers=4)) == []
    config = ScoreConfig(split="my split", held_out=False, allow_leak=True, recalibrate="/home/me/place@v1")
    assert options_of(config) == ["--split 'my split'", "--allow-leak", "--recalibrate place@v1"]
    assert set(SCORING) <= set(ScoreConfig.__dataclass_fields__)


def test_a_batch_changes_no_more_than_last_digits(toy_run: Path, evaluation_store: str) -> None:
    run, version = open_run(toy_run), open_version(evaluation_store)
    images = np.stack([version.read(row, channels=("image",))[0] for row in range(6)])
    maps, scores, _ = infer_levels(run, images)
    alone = [infer(run, image) for image in images]
    np.testing.assert_allclose(maps, np.stack([found for found, _ in alone]), atol=1e-5)
    np.testing.assert_allclose(scores, [score for _, score in alone], atol=1e-5)
    assert (infer_levels(run, images[:1])[0][0] == alone[0][0]).all()


def test_an_opened_run_lies_in_memory_as_in_its_training(toy_run: Path) -> None:
    run = open_run(toy_run)
    kernels = [weight for weight in run.network.parameters() if weight.ndim == 4]
    assert kernels
    assert run.config.compute.channels_last
    assert all(kernel.is_contiguous(memory_format=torch.channels_last) for kernel in kernels)


def test_an_absent_device_is_refused_by_name(toy_run: Path) -> None:
    with pytest.raises(ConfigError, match="torch finds no 'nonsense' here"):
        move_run(open_run(toy_run), "nonsense")
    with pytest.raises(ConfigError, match="must be at least 1, got 0"):
        ScoreConfig(batch=0)
