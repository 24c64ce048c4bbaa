"""Laws of pseudo-labels: they are the run's own at its frozen threshold; no label and no mask is read."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from artasyn.data_manifests.store.version import open_version
from artasyn.train.adaptation.pseudo_labels import PseudoLabelledImages, pseudo_label_images
from artasyn.train.runs.run import open_run
from artasyn.train.scoring.image_score import score_images
from tests.train.adaptation.adaptations import NewStore, adapted, same_weights


def test_no_label_and_no_mask_is_read(
    run: Path, clinic: str, toy_store: str, new_store: NewStore, tmp_path: Path
) -> None:
    """The same images, every other channel and column of the table changed."""
    other = new_store(tmp_path / "clinic", studies=20, kind="evaluation", first=100, truth=False)
    mine, theirs = open_version(clinic), open_version(other)
    row = int(mine.rows(status="ok")[0])
    assert not np.array_equal(mine.read(row, channels=("mask",)), theirs.read(row, channels=("mask",)))
    first = adapted(run, clinic, toy_store, tmp_path / "a", steps=20)
    assert same_weights(first, adapted(run, other, toy_store, tmp_path / "b", steps=20))


def test_marks_are_those_of_the_frozen_threshold(run: Path, clinic: str) -> None:
    opened, version = open_run(run), open_version(clinic)
    rows = version.rows(status="ok")
    marked = pseudo_label_images(opened, "clinic", version, rows, device=torch.device("cpu"))
    batch = marked.batch(np.array([3, 0, 3]))
    assert batch.pixels.shape == (3, 4, 64, 64)
    assert batch.pixels.dtype == torch.uint8
    assert torch.equal(batch.pixels[0], batch.pixels[2])
    assert torch.equal(batch.pixels[:, 0], batch.pixels[:, 1])
    for k, place in enumerate((3, 0)):
        image = version.read(int(rows[place]), channels=("image",))
        grey = torch.from_numpy(image[None]).float() / 255
        maps, _ = score_images(opened.network, opened.scorer, grey, opened.config.score)
        assert torch.equal(batch.pixels[k, 2].bool(), maps[0] >= opened.thresholds.pixel)
        assert np.array_equal(batch.pixels[k, 0].numpy(), image[0])
    assert marked.batch(np.arange(len(rows))).pixels[:, 2].any(), "something is marked"


def test_marks_of_any_width_come_back(clinic: str) -> None:
    marks = np.random.default_rng(0).random((2, 9, 9)) < 0.5
    version = open_version(clinic)
    odd = SimpleNamespace(shape=SimpleNamespace(size=9), read=lambda *_, **__: np.zeros((1, 9, 9), np.uint8))
    batch = PseudoLabelledImages("odd", odd, version.rows()[:2], np.packbits(marks, axis=-1)).batch(
        np.arange(2)
    )  # type: ignore[arg-type]
    np.testing.assert_array_equal(batch.pixels[:, 2].numpy() > 0, marks)
