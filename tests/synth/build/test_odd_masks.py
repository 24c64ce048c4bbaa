"""Laws of odd masks: outlines, instances and masks that lie elsewhere are told; each file is decoded once."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from artasyn.data_manifests.images import decode
from artasyn.synth.build.evaluation_study import make_evaluation_study
from artasyn.synth.build.odd_masks import class_notes, hollow_notes, lung_agreement
from artasyn.synth.build.study import Recipe
from artasyn.synth.config import SynthConfig
from artasyn.synth.lungs import LungConfig, look_for_lungs
from artasyn.synth.sources.source import open_source

Y, X = np.mgrid[0:128, 0:128]


def disc(x: int, y: int, radius: int) -> NDArray[np.bool_]:
    return np.asarray((X - x) ** 2 + (Y - y) ** 2 < radius**2)


def kinds(notes: list[str]) -> list[str]:
    return [note.partition(":")[0] for note in notes]


def test_a_drawn_outline_is_told_and_what_is_filled_is_not() -> None:
    ring = disc(40, 60, 20) & ~disc(40, 60, 18)
    assert kinds(hollow_notes(ring)) == ["mask_hollow"]
    assert (
        "surrounds 4.9 times its own area" in hollow_notes(ring)[0] or "surrounds 5" in hollow_notes(ring)[0]
    )
    cavity = disc(40, 60, 20) & ~disc(40, 60, 8)
    for mask in (disc(40, 60, 20), cavity, np.zeros_like(ring), np.ones_like(ring), None):
        assert hollow_notes(mask) == []


def test_a_mask_beside_the_lungs_is_told() -> None:
    source = open_source("phantom:1")
    lungs = look_for_lungs(source.read_image(source.radiographs[0]), LungConfig()).labels
    rows = np.flatnonzero((lungs > 0).any(axis=1))
    mask = np.zeros_like(lungs)
    mask[rows[-1] + 5 : rows[-1] + 20, 100:150] = 1
    assert kinds(lung_agreement(mask, lungs)) == ["mask_outside_lungs"]
    mask[rows[-1] - 20 : rows[-1], 100:150] = 1
    assert lung_agreement(mask, lungs) == lung_agreement(np.zeros_like(lungs), lungs) == []


def test_numbered_pieces_that_do_not_touch_are_instances_and_other_labels_classes() -> None:
    first, second, third = disc(30, 30, 9), disc(60, 90, 12), disc(95, 40, 10)
    apart = first * 1 + second * 2 + third * 3
    assert kinds(class_notes(apart)) == ["mask_instances"]
    both_lungs_and_heart = first * 1 + third * 1 + second * 2
    touching = np.where(disc(60, 90, 5), 1, second * 2)
    gaps = first * 1 + second * 2 + third * 4
    large = disc(30, 30, 18) * 1 + disc(60, 90, 12) * 2
    for labels in (both_lungs_and_heart, touching, gaps, large):
        assert kinds(class_notes(labels)) == ["mask_classes"]
    many = np.where(second, (X // 4 + 5 * (Y // 4)) % 12 + 1, 0)
    assert class_notes(first * 1) == class_notes(many) == class_notes(None) == []
    assert kinds(class_notes(np.where(X < 20, 13, many))) == ["mask_classes"]


def test_each_mask_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = open_source("phantom:1")
    image = Image.fromarray(source.read_image(source.radiographs[0]))
    for place in ("sick", "masks/sick"):
        (tmp_path / place).mkdir(parents=True)
    image.save(tmp_path / "sick/a.png")
    Image.fromarray(disc(40, 60, 20).astype(np.uint8)).resize((256, 256)).save(tmp_path / "masks/sick/a.png")
    decoded, convert = [], decode.convert_picture
    monkeypatch.setattr(
        decode, "convert_picture", lambda path, *rest: decoded.append(path) or convert(path, *rest)
    )
    corpus = open_source(str(tmp_path))
    recipe = Recipe(source=corpus, config=SynthConfig(size=64), seed=0)
    (row,) = make_evaluation_study(corpus.radiographs[0], 0, recipe).rows
    assert row.status == "ok"
    assert sorted(decoded) == [tmp_path / "masks/sick/a.png", tmp_path / "sick/a.png"]


def test_an_empty_file_of_a_mask_is_said_in_english(tmp_path: Path) -> None:
    source = open_source("phantom:1")
    for place in ("sick", "masks/sick"):
        (tmp_path / place).mkdir(parents=True)
    Image.fromarray(source.read_image(source.radiographs[0])).save(tmp_path / "sick/a.png")
    (tmp_path / "masks/sick/a.png").write_bytes(b"")
    corpus = open_source(str(tmp_path))
    recipe = Recipe(source=corpus, config=SynthConfig(size=64), seed=0)
    (row,) = make_evaluation_study(corpus.radiographs[0], 0, recipe).rows
    assert row.reason == "empty_file: its mask is an empty file (copy or download it again)"
