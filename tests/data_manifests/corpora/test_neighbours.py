"""Laws of what lies beside the radiographs of a folder: other views, pictures made of them, annotations not read."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.corpus import open_corpus


def put(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((20, 20), 80, np.uint8)).save(root / path)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Thorax_seitlich",
            "g_profile",
            "h_oblique",
            "i_decubitus",
            "胸部側面",
            "ChestLat",
            "view2_lateral",
        ),
    ],
)
def test_a_file_called_as_another_view_is_no_frontal_radiograph(tmp_path: Path, name: str) -> None:
    put(tmp_path, f"normal/{name}.png", "normal/a.png")
    assert [entry.image_id for entry in open_corpus(str(tmp_path)).radiographs] == ["normal/a.png"]


@pytest.mark.parametrize("name", ["Seite_1", "ML_3", "Lao_1", "unilateral", "latent", "RL", "chest_pa_lat"])
def test_initials_and_other_words_are_no_view(tmp_path: Path, name: str) -> None:
    put(tmp_path, f"normal/{name}.png", "normal/a.png")
    assert len(open_corpus(str(tmp_path)).radiographs) == 2


@pytest.mark.parametrize(
    "behind", ["_viz", "_thumb", ".preview", "-small", "_flip", "_hflip", "_rot90", "_aug2"]
)
def test_pictures_made_of_an_image_are_left_out_where_it_is_there(tmp_path: Path, behind: str) -> None:
    put(tmp_path, "normal/a.png", f"normal/a{behind}.png", f"normal/b{behind}.png")
    corpus = open_corpus(str(tmp_path))
    assert [entry.image_id for entry in corpus.radiographs] == ["normal/a.png", f"normal/b{behind}.png"]
    assert [entry.reason for entry in corpus.skipped] == ["drawn_over"]


@pytest.mark.parametrize("own", [("a_json/img.png",), ("a.jpg",), ("a.jpg", "a_json/img.png")])
def test_the_folders_of_labelme_hold_one_radiograph_and_its_mask(
    tmp_path: Path, own: tuple[str, ...]
) -> None:
    put(tmp_path, *own, "a_json/label.png", "a_json/label_viz.png")
    (tmp_path / "a_json/label_names.txt").write_text("_background_\nopacity\n")
    (entry,) = open_corpus(str(tmp_path)).radiographs
    assert (entry.image_id, entry.mask) == (own[0], tmp_path / "a_json/label.png")


@pytest.mark.parametrize(
    ("counts", "others"),
    [
        ("SegmentationClass", ("SegmentationObject", "SegmentationClassVisualization")),
        ("masks_machine", ("masks_human",)),
    ],
)
def test_the_same_masks_in_other_colours_are_left_out(
    tmp_path: Path, counts: str, others: tuple[str, ...]
) -> None:
    put(tmp_path, "images/a.png", f"{counts}/a.png", *(f"{other}/a.png" for other in others))
    corpus = open_corpus(str(tmp_path))
    assert [entry.mask for entry in corpus.radiographs] == [tmp_path / counts / "a.png"]
    assert [entry.reason for entry in corpus.skipped] == ["drawn_over"] * len(others)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"shapes": [{"label": "opacity"}], "imagePath": "a.png"}'),
        ("ann/a.png.json", '{"objects": []}'),
        ("a.txt", "Findings: pneumonia on the right."),
        ("via_region_data.json", '{"a.png123": {"filename": "a.png", "regions": []}}'),
        ("annotations.xml", '<annotations><image id="0" name="A.PNG"></image></annotations>'),
        ("export.json", '[{"data": {"image": "/data/upload/a.png"}}]'),
        ("windows.json", r'{"image": "C:\\films\\a.png"}'),
    ],
)
def test_a_bare_folder_with_files_that_tell_of_its_images_is_doubted(
    tmp_path: Path, name: str, text: str
) -> None:
    put(tmp_path, "a.png", "b.png")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    (doubt,) = open_corpus(str(tmp_path)).understood.doubts
    assert doubt.kind == "no_label"
    assert (
        f"1 file is not read and may tell of its images, annotations or reports perhaps: {name}"
        in doubt.reason
    )
    assert not open_corpus(str(tmp_path), hand=ByHand(assume_normal=True)).understood.doubts


def test_a_bare_folder_with_files_of_something_else_is_not_doubted(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png")
    for name in ("config.json", "README.md", "notes.txt"):
        (tmp_path / name).write_text('{"rate": 1}')
    assert not open_corpus(str(tmp_path)).understood.doubts


def test_long_lists_of_numbers_beside_images_are_looked_through_at_once(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png")
    (tmp_path / "runs.json").write_text(json.dumps({"counts": list(range(100_000))}))
    began = time.process_time()
    assert not open_corpus(str(tmp_path)).understood.doubts
    assert time.process_time() - began < 5
