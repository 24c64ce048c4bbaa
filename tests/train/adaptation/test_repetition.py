"""Laws of an adaptation: it repeats bit for bit, on as many processes as there are, and learns."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from artasyn.data_manifests.store.version import open_version
from artasyn.train.adaptation.pseudo_labels import PseudoLabelledImages
from artasyn.train.adaptation.self_training import AdaptConfig, adaptation_recipe, mixed_batches
from artasyn.train.data.dataset import Batch
from artasyn.train.data.stores import open_training_stores
from artasyn.train.runs.read_log import read_log
from artasyn.train.runs.run import open_run
from artasyn.train.runtime.distributed import Processes
from tests.train.adaptation.adaptations import adapted, log_of, same_weights
from tests.train.trainings import Small, train


def test_it_repeats_bit_for_bit_and_learns(run: Path, clinic: str, toy_store: str, tmp_path: Path) -> None:
    first, second = (adapted(run, clinic, toy_store, tmp_path / name) for name in "ab")
    assert same_weights(first, second)
    assert (first / "thresholds.json").read_bytes() == (second / "thresholds.json").read_bytes()
    assert not same_weights(first, run)
    rows = read_log(first / "log.csv")
    assert [row["step"] for row in rows] == [20, 40]
    assert rows[-1]["pseudo_labels"] < rows[0]["pseudo_labels"], "it comes to agree with its pseudo-labels"
    assert rows[-1]["held_out_dice"] > 0, "it says how it does on synthetic images"


def test_dropout_repeats_too(clinic: str, toy_store: str, small: Small, tmp_path: Path) -> None:
    paper = {"width": 4, "multipliers": [1, 2], "blocks": 1, "attention": [2], "dropout": 0.5}
    heads = ["reconstruction", "segmentation", "lungs"]
    config = small(
        network={"name": "paper", "heads": heads, "shrink": 4, "paper": paper}, schedule={"steps": 2}
    )
    run = train(config, toy_store, tmp_path / "run")
    first = adapted(run, clinic, toy_store, tmp_path / "a", steps=3)
    torch.rand(1)  # whatever was drawn before
    assert same_weights(first, adapted(run, clinic, toy_store, tmp_path / "b", steps=3))


def test_several_processes_share_each_step(run: Path, clinic: str, toy_store: str) -> None:
    """Two processes see together the images that one sees, and every part says how many the step has."""
    opened, version = open_run(run), open_version(clinic)
    recipe = adaptation_recipe(opened.config, AdaptConfig(steps=4), torch.device("cpu"))
    masks = np.zeros((len(version.rows()), 64, 8), np.uint8)
    images = PseudoLabelledImages(clinic, version, version.rows(), masks)
    stores = open_training_stores([toy_store])

    def parts(rank: int, world: int) -> list[Batch]:
        processes = Processes(rank=rank, world=world, device=torch.device("cpu"))
        batches = mixed_batches(stores, images, recipe=recipe, processes=processes)
        return [batches[index] for index in range(6)]

    whole, halves = parts(0, 1), (parts(0, 2), parts(1, 2))
    assert [part.pseudo_labelled for part in whole] == [True, False] * 3
    for k, part in enumerate(whole):
        assert part.items == halves[0][k].items + halves[1][k].items
        assert torch.equal(part.pixels, torch.cat([half[k].pixels for half in halves]))
        assert (
            part.total
            == halves[0][k].total
            == len(whole[k // 2 * 2].items) + len(whole[k // 2 * 2 + 1].items)
        )


@pytest.mark.slow
def test_two_processes_adapt_as_one(run: Path, clinic: str, toy_store: str, tmp_path: Path) -> None:
    """Tolerance: sums are added in another order."""
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "artasyn.train")
    line = ("adapt", run, clinic, toy_store, tmp_path / "two", "--steps", "20", "--threads", "1")
    done = subprocess.run([sys.executable, *map(str, (*torchrun, *line))], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("held-out synthetic Dice") == 1
    one = adapted(run, clinic, toy_store, tmp_path / "one", steps=20)
    for mine, theirs in zip(log_of(one), log_of(tmp_path / "two"), strict=True):
        np.testing.assert_allclose(theirs, mine, rtol=0.02)


def test_a_float16_run_is_adapted_on_a_processor_in_float32(small: Small) -> None:
    for trained_in, adapted_in in (("float16", "float32"), ("bfloat16", "bfloat16"), ("float32", "float32")):
        config = small(compute={"precision": trained_in})
        recipe = adaptation_recipe(config, AdaptConfig(), torch.device("cpu"))
        assert recipe.compute.precision == adapted_in
