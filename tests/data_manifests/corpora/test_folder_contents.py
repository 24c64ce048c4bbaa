"""Laws of what lies in a folder beside plain images: several masks an image, other files, views, tables, archives."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.corpus import open_corpus
from artasyn.data_manifests.errors import CorpusError

PARTS = ((4, 9, 2, 5), (12, 15, 9, 12))
"""Top, bottom, left and right of two lesions."""


def put(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((20, 20), 80, np.uint8)).save(root / path)


def lesion(path: Path, part: tuple[int, int, int, int]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    mask = np.zeros((20, 20), np.uint8)
    mask[part[0] : part[1], part[2] : part[3]] = 255
    Image.fromarray(mask).save(path)


@pytest.mark.parametrize(
    "names",
    [
        *(("sick/s_mask1.png", "sick/s_mask2.png"), ("sick/s_mask.png", "sick/s_mask_1.png")),
        *(("masks/s_1.png", "masks/s_2.png"), ("masks/sick/s_01.png", "masks/sick/s_02.png")),
        *(("masks/effusion/s.png", "masks/nodule/s.png"), ("masks/s/1.png", "masks/s/2.png")),
    ],
)
def test_several_masks_of_an_image_are_united(tmp_path: Path, names: tuple[str, str]) -> None:
    put(tmp_path, "normal/n.png", "sick/s.png", "sick/t.png")
    for name, part in zip(names, PARTS, strict=True):
        lesion(tmp_path / name, part)
    corpus = open_corpus(str(tmp_path))
    assert [entry.image_id for entry in corpus.radiographs] == ["normal/n.png", "sick/s.png", "sick/t.png"]
    united = corpus.read_mask(corpus.radiographs[1])
    assert united is not None
    assert united.sum() == 5 * 3 + 3 * 3
    assert "1 of them united from several files" in corpus.understood.mask
    assert corpus.radiographs[2].mask is None


def test_numbers_that_are_images_of_their_own_unite_nothing(tmp_path: Path) -> None:
    put(tmp_path, "sick/p.png", "sick/p_1.png", "masks/p.png", "masks/p_1.png")
    found = open_corpus(str(tmp_path)).radiographs
    assert [(entry.mask is not None, entry.more_masks) for entry in found] == [(True, ())] * 2


def test_lungs_of_both_sides_are_united(tmp_path: Path) -> None:
    put(tmp_path, "normal/n.png", "lung_masks/left/n.png", "lung_masks/right/n.png")
    entry = open_corpus(str(tmp_path)).radiographs[0]
    assert entry.lung_mask
    assert entry.other_lung_mask


def test_what_is_no_image_is_said(tmp_path: Path) -> None:
    put(tmp_path, "normal/n.png", "sick/s.png")
    for name in ("masks/s.nrrd", "sick/s.xml", "normal/more.zip"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    understood = open_corpus(str(tmp_path)).understood
    assert (
        "1 file in folders of masks not read, being no PNG, JPEG or TIFF: masks/s.nrrd"
        in understood.unmatched
    )
    assert "2 files of kinds that are not read as images" in understood.ignored


def test_lateral_views_and_overlays_are_no_frontal_radiographs(tmp_path: Path) -> None:
    put(
        tmp_path,
        "normal/a_lateral.png",
        "normal/LAT/b.png",
        "normal/c.png",
        "normal/c_overlay.png",
        "pa_lat/d.png",
    )
    corpus = open_corpus(str(tmp_path))
    assert [entry.image_id for entry in corpus.radiographs] == ["normal/c.png", "pa_lat/d.png"]
    assert {entry.image_id: entry.reason for entry in corpus.skipped} == {
        "normal/a_lateral.png": "lateral_view",
        "normal/LAT/b.png": "lateral_view",
        "normal/c_overlay.png": "drawn_over",
    }


def test_masks_of_normal_images_are_called_so(tmp_path: Path) -> None:
    put(tmp_path, "normal/n.png", "sick/s.png", "masks/n.png", "masks/s.png")
    assert (
        open_corpus(str(tmp_path)).understood.unmatched
        == "1 mask of images labelled normal, not used: masks/n.png"
    )


@pytest.mark.parametrize("table", ["in/list.csv", "list.csv"])
def test_a_bare_folder_with_a_table_of_its_labels_is_doubted(tmp_path: Path, table: str) -> None:
    put(tmp_path / "in", "a.png", "b.png")
    (tmp_path / table).write_text("image,label\na,normal\nb,pneumonia\n")
    doubts = open_corpus(str(tmp_path / "in")).understood.doubts
    assert [doubt.kind for doubt in doubts] == ["no_label"]
    command = f"`artasyn-synth build {tmp_path / table} STORE --root {tmp_path / 'in'}`"
    assert doubts[0].remedy.startswith(command)
    (tmp_path / table).write_text("image,age\na,4\nb,5\n")
    assert not open_corpus(str(tmp_path / "in")).understood.doubts


def test_numbered_classes_are_doubted_and_archives_named(tmp_path: Path) -> None:
    put(tmp_path / "in", "0/a.png", "1/b.png", "2/c.png")
    assert "may be classes" in open_corpus(str(tmp_path / "in")).understood.doubts[0].reason
    (tmp_path / "packed").mkdir()
    (tmp_path / "packed" / "normal.zip").write_bytes(b"PK")
    with pytest.raises(CorpusError, match=r"it holds normal.zip \(unpack them\)"):
        open_corpus(str(tmp_path / "packed"))


def test_the_folders_own_name_may_say_normal(tmp_path: Path) -> None:
    put(tmp_path / "Normals", "a.png", "b.png")
    corpus = open_corpus(str(tmp_path / "Normals"))
    assert [entry.label for entry in corpus.radiographs] == ["normal", "normal"]
    assert "own name" in corpus.understood.label
    put(tmp_path / "Normals", "siteA/a.png")
    assert [entry.label for entry in open_corpus(str(tmp_path / "Normals")).radiographs] == ["unlabelled"] * 3


def test_what_is_no_corpus_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("x")
    with pytest.raises(CorpusError, match="none of what a corpus may be"):
        open_corpus(str(tmp_path / "notes"))
    with pytest.raises(CorpusError, match="empty name"):
        open_corpus("")


@pytest.mark.parametrize("name", ["a.nii.gz", "a.nrrd", "a.npy", "a.jp2"])
def test_a_folder_of_pictures_of_other_kinds_says_how_to_save_them(tmp_path: Path, name: str) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / name).write_bytes(b"x" * 99)
    with pytest.raises(CorpusError, match=rf"{name} \(save each as PNG"):
        open_corpus(str(tmp_path))


def test_masks_of_equal_names_belong_to_the_images_in_the_same_last_folders(tmp_path: Path) -> None:
    """MVTec AD: the folder of the split stands before images alone."""
    put(tmp_path, "train/good/000.png", "test/good/000.png", "test/opacity/000.png", "test/nodule/000.png")
    put(tmp_path, "ground_truth/opacity/000_mask.png", "ground_truth/nodule/000_mask.png")
    masks = {e.image_id: e.mask.parent.name for e in open_corpus(str(tmp_path)).radiographs if e.mask}
    assert masks == {"test/opacity/000.png": "opacity", "test/nodule/000.png": "nodule"}
    put(tmp_path, "train/opacity/000.png")
    with pytest.raises(CorpusError, match="could be the mask of"):
        open_corpus(str(tmp_path))


@pytest.mark.parametrize("masked", [1, 2])
def test_unlabelled_images_with_masks_are_not_taken_for_normal(tmp_path: Path, masked: int) -> None:
    put(tmp_path, "images/a.png", "images/b.png", *[f"masks/{name}.png" for name in "ab"[:masked]])
    understood = open_corpus(str(tmp_path)).understood
    assert not understood.plain
    assert [doubt.kind for doubt in understood.doubts] == ["no_label"]
    assert "--lung-mask-dir" in understood.doubts[0].remedy
    lungs = open_corpus(str(tmp_path), hand=ByHand(lung_mask_dir="masks")).understood
    assert lungs.plain
    assert not lungs.doubts
    assert not open_corpus(str(tmp_path), hand=ByHand(assume_normal=True)).understood.doubts


@pytest.mark.parametrize(("image", "mask"), [("image", "mask"), ("img", "label")])
def test_a_folder_for_each_image_with_its_mask(tmp_path: Path, image: str, mask: str) -> None:
    put(tmp_path, *[f"sick/c{number}/{name}.png" for number in (1, 2) for name in (image, mask)])
    put(tmp_path, f"normal/c3/{image}.png")
    entries = open_corpus(str(tmp_path)).radiographs
    found = {e.image_id: e.mask for e in entries}
    wanted = {f"sick/c{number}/{image}.png": tmp_path / f"sick/c{number}/{mask}.png" for number in (1, 2)}
    assert found == {f"normal/c3/{image}.png": None} | wanted
