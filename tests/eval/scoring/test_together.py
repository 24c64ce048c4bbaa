"""Laws of images that go through the network together: each comes out bit for bit as if it were alone."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from artasyn.data_manifests.store.version import open_version
from artasyn.eval import inference
from artasyn.eval.inference import bits_alike
from artasyn.eval.scoring import measure as measuring
from artasyn.eval.scoring.journal import BLOCK_IMAGES, Journal
from artasyn.eval.scoring.measure import TOGETHER, Sources, measure
from artasyn.train.runs.run import Run, open_run

NONE = 3


@pytest.fixture
def sources(toy_run: Path, evaluation_store: str, monkeypatch: pytest.MonkeyPatch) -> Sources:
    """Return a store of few images, for which a trial is made all the same."""
    monkeypatch.setattr(measuring, "FEWEST_CASES", 1)
    version = open_version(evaluation_store)
    store = f"{version.blobs.location}@{version.id}"
    return Sources(run=toy_run, store=store, digest=version.attributes["digest"])


def measured(sources: Sources, folder: Path) -> dict[str, bytes]:
    """Return the files of a journal of 22 images: the last batch is no full one."""
    measure(sources, Journal(folder=folder, images=22))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_journal_is_the_same_whether_images_go_together_or_not(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = measured(sources, tmp_path / "together")
    monkeypatch.setattr(measuring, "bits_alike", lambda *_, **__: False)
    assert measured(sources, tmp_path / "alone") == together


@pytest.mark.parametrize(("alike", "batch"), [(True, TOGETHER), (False, 1)])
def test_they_go_together_only_where_a_trial_changes_no_bit(
    sources: Sources, monkeypatch: pytest.MonkeyPatch, *, alike: bool, batch: int
) -> None:
    monkeypatch.setattr(measuring, "bits_alike", lambda *_, **__: alike)
    measuring._opened.cache_clear()
    assert measuring._opened(sources).batch == batch
    assert measuring._opened(dataclasses.replace(sources, batch=3)).batch == 3


@pytest.mark.parametrize("off", [0, 1, 2, NONE])
def test_the_trial_sees_a_single_bit(off: int, toy_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def inferred(_: Run, images: NDArray[np.uint8]) -> tuple[NDArray[np.float64], ...]:
        found = [images / 255, images.mean(axis=(1, 2)), images.max(axis=(1, 2)) / 255]
        if len(images) > 1 and off < len(found):
            found[off] = np.nextafter(found[off], 2.0)
        return tuple(found)

    images = np.random.default_rng(0).integers(0, 256, (3, 8, 8), np.uint8)
    monkeypatch.setattr(inference, "infer_levels", inferred)
    assert bits_alike(open_run(toy_run), images, sizes=(2, 3)) == (off == NONE)


def test_the_trial_tries_each_size_that_occurs(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []
    monkeypatch.setattr(measuring, "bits_alike", lambda *_, sizes: not tried.extend(sizes))
    went: list[int] = []
    passed = measuring.infer_levels
    monkeypatch.setattr(
        measuring, "infer_levels", lambda run, images: (went.append(len(images)), passed(run, images))[1]
    )
    measured(sources, tmp_path)
    assert set(went) == set(tried)
    assert BLOCK_IMAGES % TOGETHER == 0
