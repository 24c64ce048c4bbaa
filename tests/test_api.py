"""Laws of the public names: lazy, usable in a few lines, safe beside a user's own files."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from numpy.typing import NDArray
from torch.utils.data import DataLoader

import artasyn
from artasyn.data_manifests.errors import ConfigError, ImageError, StoreError
from artasyn.synth.cli import main as synth_main
from artasyn.synth.config import load_config
from artasyn.synth.lungs import LungConfig
from artasyn.synth.opacities import OpacityConfig
from artasyn.synth.seeds import generator
from artasyn.synth.sources.phantom import draw_phantom, render_phantom

CHANNELS = ("image", "altered", "alpha", "mask", "lungs")


def phantom(number: int) -> NDArray[np.uint8]:
    return render_phantom(draw_phantom(rng=generator(0, str(number), 0), abnormal=False), size=256).image


@pytest.fixture(scope="module")
def images() -> list[NDArray[np.uint8]]:
    return [phantom(k) for k in range(3)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    from tests.train.conftest import write_store

    return write_store(tmp_path_factory.mktemp("api") / "store", splits=("val", "val"))


def equal(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_every_public_name_is_there() -> None:
    assert set(artasyn.__all__) == set(dir(artasyn))
    assert all(getattr(artasyn, name) for name in artasyn.__all__)
    with pytest.raises(AttributeError, match=r"artasyn.*nothing"):
        artasyn.nothing  # noqa: B018


def test_lungs_and_opacities_need_no_config(images: list[NDArray[np.uint8]]) -> None:
    default = load_config("default")
    assert (default.lungs, default.opacities) == (LungConfig(), OpacityConfig())
    lungs = artasyn.segment_lungs(images[0])
    opacity = artasyn.synthesize(images[0], lungs.labels, rng=np.random.default_rng(0))
    assert opacity.mask.any()
    with pytest.raises(ImageError, match="the lung labels have shape"):
        artasyn.synthesize(images[0], lungs.labels[1:], rng=np.random.default_rng(0))


def test_arrays_and_labels_that_would_be_misread_are_refused(images: list[NDArray[np.uint8]]) -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ImageError, match=r"got shape .* and dtype float64"):
        artasyn.segment_lungs(images[0] / 255)
    with pytest.raises(ImageError, match="got str"):
        artasyn.segment_lungs("chest.png")  # type: ignore[arg-type]
    mask = 255 * (artasyn.segment_lungs(images[0]).labels > 0).astype(np.uint8)
    with pytest.raises(ImageError, match=r"up to 255 \(.*label_sides"):
        artasyn.synthesize(images[0], mask, rng=rng)
    for label in (1, 2):
        with pytest.raises(
            ImageError, match=rf"{label} marks two parts side by side: both lungs.*label_sides"
        ):
            artasyn.synthesize(images[0], label * (mask > 0).astype(np.uint8), rng=rng)
    labels = artasyn.label_sides(mask)
    assert artasyn.synthesize(images[0], labels, rng=rng).mask.any()
    for side in (1, 2):  # of one lung alone, be it in two parts one above the other
        alone = np.where(labels == side, labels, 0).astype(np.uint8)
        assert artasyn.synthesize(images[0], alone, rng=rng).mask.any()
        alone[images[0].shape[0] // 2] = 0
        assert artasyn.synthesize(images[0], alone, rng=rng).mask.any()
    with pytest.raises(ConfigError, match="must be a list of files"):
        artasyn.OpacityDataset("normals")  # type: ignore[arg-type]


def test_lungs_of_one_label_are_parted_as_the_finder_labels_them(images: list[NDArray[np.uint8]]) -> None:
    labels = artasyn.segment_lungs(images[0]).labels
    for mask in (labels > 0, (labels > 0).astype(np.uint8), 255 * (labels > 0)):
        assert np.array_equal(artasyn.label_sides(mask), labels)


def test_a_store_is_a_dataset(store: str) -> None:
    version = artasyn.open_version(store)
    data = artasyn.StoreDataset(version, channels=("altered", "mask"), split="val")
    assert len(data) == len(version.rows(status="ok", split="val"))
    for item in data:
        assert set(item) == {"altered", "mask", "row"}
        assert np.array_equal(item["mask"], version.read(int(item["row"]), channels=("mask",))[0])
    assert equal(pickle.loads(pickle.dumps(data))[1], data[1])
    assert repr(version).startswith(f"<Version {store}@{version.id[:12]}: ")
    assert repr(data).endswith(f"{len(data)} samples of altered, mask>")
    whole = artasyn.StoreDataset(store)
    assert len(whole) == len(version.rows(status="ok"))
    assert set(whole[0]) == {*CHANNELS, "row"}


def test_versions_as_json(store: str) -> None:
    done = CliRunner().invoke(synth_main, ["versions", store, "--json"], catch_exceptions=False)
    (line,) = json.loads(done.stdout)
    assert line["id"] == artasyn.open_version(store).id
    assert line["kind"] == "synthetic"


def test_a_dataset_refuses_channels_and_splits_that_there_are_not(store: str) -> None:
    with pytest.raises(StoreError, match=r"no channel `masks` .did you mean `mask`"):
        artasyn.StoreDataset(store, channels=("masks",))
    with pytest.raises(StoreError, match=r"no split `test` .known: train, val"):
        artasyn.StoreDataset(store, split="test")


def test_opacities_follow_from_seed_epoch_and_index(images: list[NDArray[np.uint8]]) -> None:
    data, again = artasyn.OpacityDataset(images, seed=5), artasyn.OpacityDataset(images, seed=5)
    first = data[1]
    assert first["accepted"]
    assert first["mask"].any()
    assert equal(again[1], first)
    assert torch.equal(first["altered"][first["alpha"] == 0], first["image"][first["alpha"] == 0])
    data.set_epoch(1)
    assert not equal(data[1], first)
    assert not equal(artasyn.OpacityDataset(images, seed=6)[1], first)
    data.set_epoch(0)
    assert equal(data[1], first)
    assert equal(pickle.loads(pickle.dumps(data))[-2], first)


def test_an_epoch_reaches_workers_that_persist(images: list[NDArray[np.uint8]]) -> None:
    data = artasyn.OpacityDataset(images[:2])
    loader = DataLoader(
        data, batch_size=None, num_workers=1, persistent_workers=True, multiprocessing_context="forkserver"
    )
    for epoch in (0, 1):
        data.set_epoch(epoch)
        assert all(equal(item, data[k]) for k, item in enumerate(loader))


def test_an_image_without_lungs_stays_as_it_is() -> None:
    item = artasyn.OpacityDataset([np.full((300, 200), 90, np.uint8)])[0]
    assert not item["accepted"]
    assert torch.equal(item["altered"], item["image"])
    assert not item["mask"].any()
    with pytest.raises(ConfigError, match="epoch: must be at least 0"):
        artasyn.OpacityDataset([]).set_epoch(-1)


def test_fit_and_predict_in_two_lines(store: str, tmp_path: Path, images: list[NDArray[np.uint8]]) -> None:
    recipe = tmp_path / "small.toml"
    recipe.write_text(
        "[network]\nshrink = 2\n[network.compact]\nfold = 2\nwidths = [8, 16]\nbottom_blocks = 1\npretrained = false\n"
        '[data]\nstudies = 4\n[compute]\nprecision = "float32"\n'
        "[loop]\nlog_every = 2\nvalidate_every = 4\ncheckpoint_every = 4\npictures = 0\n"
    )
    thresholds = artasyn.fit(store, tmp_path / "run", preset=recipe, steps=4, device="cpu")
    assert thresholds is not None
    predictor = artasyn.Predictor.load(tmp_path / "run")
    found = list(predictor.predict([images[0], images[1][:200]]))
    assert [p.anomaly.shape for p in found] == [images[0].shape, images[1][:200].shape]


@pytest.fixture
def crowded(tmp_path: Path) -> Path:
    """Return a folder with a user's own files of our folders' names."""
    for name in ("train", "eval", "synth", "data_manifests", "api"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong file')\n")
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        ["-c", "import artasyn; artasyn.Predictor, artasyn.fit, artasyn.segment_lungs"],
        ["-m", "artasyn.train", "--help"],
        ["-m", "torch.distributed.run", "--standalone", "-m", "artasyn.train", "fit", "--help"],
    ],
    ids=["import", "python -m", "torchrun -m"],
)
def test_a_users_own_files_are_not_taken_for_ours(command: list[str], crowded: Path) -> None:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=crowded,
        env=os.environ | {"PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Usage: artasyn-train" in done.stdout or command[0] == "-c"
