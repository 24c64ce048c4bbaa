"""Damaged and hostile runs are refused in a sentence: every file, every flipped bit, numbers out of range."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from artasyn.data_manifests.errors import ArtasynError, BusyError, RunError
from artasyn.data_manifests.ownership import owned
from artasyn.train.runs.checkpoint import read_checkpoint, write_checkpoint
from artasyn.train.runs.run import open_run
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.seal import seal_run
from tests.train.trainings import Small, train

FILES = (
    "config.json", "store.json", "thresholds.json", "training_images.csv", "digests.json", "image_score.safetensors",
    "checkpoints/best.safetensors",
)  # fmt: skip


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """Return a copy to be damaged."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit_is_found(run: Path, name: str) -> None:
    rng = np.random.default_rng(len(name))
    whole = (run / name).read_bytes()
    open_run(run)
    for place in rng.integers(len(whole), size=8):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        (run / name).write_bytes(damaged)
        with pytest.raises(ArtasynError):
            open_run(run)


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_short_or_gone_is_found(run: Path, name: str) -> None:
    whole = (run / name).read_bytes()
    for part in (whole[: len(whole) // 2], b""):
        (run / name).write_bytes(part)
        with pytest.raises(ArtasynError):
            open_run(run)
    (run / name).unlink()
    with pytest.raises(RunError):
        open_run(run)


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("thresholds.json", "pixel", float("nan")),
        ("thresholds.json", "pixel", float("inf")),
        ("thresholds.json", "pixel", 2),
        ("thresholds.json", "image", -1e-9),
        ("thresholds.json", "image", "0.5"),
        ("thresholds.json", "rule", None),
        ("thresholds.json", "more", 1),
        ("config.json", "seed", 1e400),
        ("config.json", "score", {"head": float("inf")}),
        ("config.json", "network", [[[[]]]]),
        ("store.json", "size", 10**9),
        ("store.json", "size", 64.5),
        ("store.json", "digest", None),
        ("store.json", "squaring", "round"),
    ],
)
def test_values_out_of_range_are_refused_even_if_sealed(run: Path, name: str, key: str, value: Any) -> None:
    said = json.loads((run / name).read_text())
    (said[0] if isinstance(said, list) else said)[key] = value
    (run / name).write_text(json.dumps(said))
    seal_run(RunFolder(run))
    with pytest.raises(RunError):
        open_run(run)


@pytest.mark.parametrize("text", ["[]", "1", "{}", "null", "[" * 100_000, '{"a": 1e999}', "\x00", ""])
@pytest.mark.parametrize("name", [name for name in FILES if name.endswith((".json", ".csv"))])
def test_nonsense_is_a_sentence(run: Path, name: str, text: str) -> None:
    (run / name).write_text(text)
    if name != "digests.json":
        seal_run(RunFolder(run))
    with pytest.raises(RunError):
        open_run(run)


def test_weights_that_are_not_finite_are_refused_even_if_sealed(run: Path) -> None:
    for name, prefix in (
        ("checkpoints/best.safetensors", "average."),
        ("image_score.safetensors", "distance.whitening"),
    ):
        tensors, state = read_checkpoint(run / name)
        spoilt = {key: value.clone() for key, value in tensors.items()}
        weight = next(value for key, value in spoilt.items() if key.startswith(prefix))
        for value in (torch.nan, torch.inf):
            weight.view(-1)[0] = value
            write_checkpoint(run / name, spoilt, state)
            seal_run(RunFolder(run))
            with pytest.raises(RunError, match=r"finite"):
                open_run(run)
        write_checkpoint(run / name, tensors, state)
    seal_run(RunFolder(run))
    open_run(run)


def test_sizes_are_bounded_before_memory_is_taken(run: Path) -> None:
    best = run / "checkpoints" / "best.safetensors"
    os.truncate(best, 200 * 2**30)  # a sparse file
    with pytest.raises(RunError, match=r"no more than .* are read"):
        open_run(run)
    best.unlink()
    os.mkfifo(best)
    with pytest.raises(RunError, match="is not a regular file"):
        open_run(run)


def test_a_network_of_terabytes_is_refused_before_it_is_made(run: Path) -> None:
    config = json.loads((run / "config.json").read_text())
    config["network"]["compact"]["widths"] = [8, 10**6]
    (run / "config.json").write_text(json.dumps(config))
    seal_run(RunFolder(run))
    with pytest.raises(RunError, match="belongs to another network configuration"):
        open_run(run)


def test_a_damaged_last_checkpoint_is_not_trained_on(run: Path, toy_store: str, small: Small) -> None:
    last = run / "checkpoints" / "last.safetensors"
    whole = bytearray(last.read_bytes())
    whole[-100] ^= 1
    last.write_bytes(whole)
    with pytest.raises(RunError, match=r"last\.safetensors: differs from its digest: it is damaged"):
        train(small(), toy_store, run, resume=True)


def test_a_run_folder_has_one_owner(run: Path, toy_store: str, small: Small) -> None:
    with owned(run), pytest.raises(BusyError, match="is in use by process"):
        train(small(), toy_store, run, resume=True)
    train(small(), toy_store, run, resume=True)
    open_run(run)


def test_another_content_under_the_same_id_is_another_store(
    run: Path, tmp_path: Path, small: Small, new_store: Callable[..., str]
) -> None:
    other = new_store(tmp_path / "store", first=50, splits=("val", "val"))
    with pytest.raises(RunError, match=r"other contents of version f00d: digests differ"):
        train(small(), other, run, resume=True)
