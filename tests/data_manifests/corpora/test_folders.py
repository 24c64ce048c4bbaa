"""Laws of undeclared folders: classes and masks by the words people use; what is doubtful is never normal."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artasyn.data_manifests.corpora.corpus import ByHand, Corpus, open_corpus
from artasyn.data_manifests.errors import CorpusError


def put(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((20, 20), 80, np.uint8)).save(root / path)


def labels(corpus: Corpus) -> list[str]:
    return [entry.label for entry in corpus.radiographs]


def masks(corpus: Corpus, *, lungs: bool = False) -> list[str]:
    found = [entry.lung_mask if lungs else entry.mask for entry in corpus.radiographs]
    return [path.relative_to(corpus.root).as_posix() for path in found if path]


@pytest.mark.parametrize(
    ("normal", "sick"),
    [
        *(("negatives", "positives"), ("healthy_controls", "Pneumonia"), ("Normal", "COVID-19")),
        *(("sanos", "enfermos"), ("no finding", "misc"), ("controls", "tuberculosis"), ("0", "1")),
        *(
            ("01_Healthy", "02_Sick"),
            ("Normal_500", "COVID_500"),
            ("normal-20240101", "sick.v2"),
            ("X_NORMAL", "X_TB"),
        ),
    ],
)
def test_folders_say_the_class(tmp_path: Path, normal: str, sick: str) -> None:
    put(tmp_path, f"{normal}/a.png", f"train/{normal}/b.png", f"{sick}/c.png")
    found = {entry.image_id: entry.label for entry in open_corpus(str(tmp_path)).radiographs}
    assert found == {
        f"{normal}/a.png": "normal",
        f"train/{normal}/b.png": "normal",
        f"{sick}/c.png": "abnormal",
    }


@pytest.mark.parametrize(
    "paths",
    [
        *(("siteA/a.png", "siteB/b.png"), ("covid_1.png", "im_2.png"), ("a.png", "odd/b.png")),
        *(("class_0/a.png", "class_1/b.png"), ("N/a.png", "P/b.png"), ("1_good/a.png", "2_bad/b.png")),
    ],
)
def test_what_no_word_calls_normal_is_doubted_until_a_person_says_so(
    tmp_path: Path, paths: tuple[str, ...]
) -> None:
    put(tmp_path, *paths)
    corpus = open_corpus(str(tmp_path))
    assert (labels(corpus), corpus.understood.plain) == (["unlabelled"] * 2, False)
    assert [doubt.kind for doubt in corpus.understood.doubts] == ["no_label"]
    assumed = open_corpus(str(tmp_path), hand=ByHand(assume_normal=True))
    assert (labels(assumed), assumed.understood.doubts) == (["normal"] * 2, ())


@pytest.mark.parametrize(
    "paths", [("a.png", "b.png"), ("2023/a.png", "2024/b.png"), ("images/pa/a.png", "ap/b.png")]
)
def test_a_folder_that_parts_nothing_may_be_built_from(tmp_path: Path, paths: tuple[str, ...]) -> None:
    put(tmp_path, *paths)
    assert open_corpus(str(tmp_path)).understood.plain
    assumed = open_corpus(str(tmp_path), hand=ByHand(assume_normal=True))
    assert (labels(assumed), assumed.understood.plain) == (["normal"] * 2, False)


def test_folders_said_by_hand(tmp_path: Path) -> None:
    put(tmp_path, "groupA/a.png", "groupB/b.png")
    for hand in (ByHand(normal_dir="groupA"), ByHand(normal=("groupA",))):
        assert labels(open_corpus(str(tmp_path), hand=hand)) == ["normal", "abnormal"]
    with pytest.raises(CorpusError, match="no image lies in a folder nowhere"):
        open_corpus(str(tmp_path), hand=ByHand(normal_dir="nowhere"))
    with pytest.raises(CorpusError, match="--label-column names a column of a table"):
        open_corpus(str(tmp_path), hand=ByHand(label_column="x"))


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        *(
            ("covid/x.png", f"covid/{name}.png")
            for name in ("x_mask", "mask_x", "x-mask", "x_seg", "x_label")
        ),
        *(
            ("covid/x.png", f"{folder}/covid/x.png")
            for folder in ("masks", "Masks", "annotations", "ground_truth")
        ),
        *(
            ("covid/images/x.png", f"covid/{folder}/x.png")
            for folder in ("labels", "segmentations", "gt", "mask")
        ),
        *(("covid/x.jpg", "covid/x_mask.gif"), ("covid/images/x.png", "covid/masks/x_mask.png")),
        *(("covid/img_001.png", "masks/mask_001.png"), ("imagesTr/x_0000.png", "labelsTr/x.png")),
        *(("covid/x.png", "covid_masks/x.png"), ("COVID/X.png", "masks/covid/x.png")),
        *(("train/images/x.png", "train/infection masks/x.png"), ("covid/x.png", "x_mask.png")),
    ],
)
def test_a_mask_is_found_and_is_no_radiograph(tmp_path: Path, image: str, mask: str) -> None:
    put(tmp_path, image, mask, "covid/other.png")
    corpus = open_corpus(str(tmp_path))
    assert [entry.image_id for entry in corpus.radiographs] == sorted([image, "covid/other.png"])
    assert masks(corpus) == [mask]
    assert "1 in " in corpus.understood.mask


@pytest.mark.parametrize("mask", ["lung_masks/x.png", "masks/lungs/x.png", "x_lung_mask.png", "lungs/x.png"])
def test_lung_masks_are_told_from_others(tmp_path: Path, mask: str) -> None:
    put(tmp_path, "x.png", mask)
    corpus = open_corpus(str(tmp_path))
    assert (len(corpus.radiographs), masks(corpus), masks(corpus, lungs=True)) == (1, [], [mask])


def test_what_is_called_a_mask_and_is_no_images_is_told_and_never_a_radiograph(tmp_path: Path) -> None:
    put(tmp_path, "covid/a.png", "covid/gone_mask.png", "masks/covid/lost.png")
    corpus = open_corpus(str(tmp_path))
    assert [entry.image_id for entry in corpus.radiographs] == ["covid/a.png"]
    assert [(entry.image_id, entry.reason) for entry in corpus.skipped] == [
        ("covid/gone_mask.png", "suspected_mask")
    ]
    assert "masks/covid/lost.png" in corpus.understood.unmatched


def test_a_folder_of_labels_without_images_elsewhere_holds_images(tmp_path: Path) -> None:
    put(tmp_path, "labels/a.png", "normal/b.png")
    assert len(open_corpus(str(tmp_path)).radiographs) == 2


def test_masks_said_by_hand_may_lie_anywhere(tmp_path: Path) -> None:
    put(tmp_path / "radiographs", "covid/x.png", "outlines/covid/x.png")
    put(tmp_path / "elsewhere", "x.png")
    found = open_corpus(str(tmp_path / "radiographs"), hand=ByHand(mask_dir="outlines"))
    assert (len(found.radiographs), masks(found)) == (1, ["outlines/covid/x.png"])
    hand = ByHand(mask_dir=str(tmp_path / "elsewhere"), lung_mask_dir="outlines")
    (entry,) = open_corpus(str(tmp_path / "radiographs"), hand=hand).radiographs
    assert (entry.mask, entry.lung_mask) == (
        tmp_path / "elsewhere/x.png",
        tmp_path / "radiographs/outlines/covid/x.png",
    )


def test_masks_said_by_hand_may_be_named_from_where_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "radiographs", "covid/x.png", "outlines/covid/x.png")
    monkeypatch.chdir(tmp_path)
    (entry,) = open_corpus("radiographs", hand=ByHand(mask_dir="radiographs/outlines")).radiographs
    assert (entry.image_id, entry.mask) == ("covid/x.png", tmp_path / "radiographs/outlines/covid/x.png")


def test_values_of_masks_are_said_of_those_that_have_a_mask(tmp_path: Path) -> None:
    put(tmp_path, "covid/x.png", "covid/y.png", "masks/covid/x.png")
    found = open_corpus(str(tmp_path), hand=ByHand(mask_values=(2, 3)))
    assert [entry.mask_values for entry in found.radiographs] == [(2, 3), ()]
    assert found.understood.notes[-1] == "pixels of masks mark disease where they are 2, 3 (--mask-values)"
    with pytest.raises(CorpusError, match="has no masks of which values could be chosen"):
        open_corpus(str(tmp_path / "covid"), hand=ByHand(mask_values=(2,)))


def test_a_table_takes_masks_from_the_folders_beside_it(tmp_path: Path) -> None:
    put(tmp_path, "images/x.png", "images/y.png", "masks/x.png")
    (tmp_path / "list.csv").write_text("image,label\nx,COVID-19\n")
    corpus = open_corpus(str(tmp_path / "list.csv"))
    assert (masks(corpus), labels(corpus)) == (["masks/x.png"], ["abnormal"])
    assert "images/y.png" in corpus.understood.unmatched


@pytest.mark.parametrize(
    "paths",
    [
        *(
            ("p001/a.png", "p002/b.png"),
            ("patient1/study2/a.png", "patient2/b.png"),
            ("No_5/a.png", "No_12/b.png"),
        ),
        *(
            ("3fa8b2cd/a.png", "77beed01/b.png"),
            ("2019/a.png", "2020/b.png"),
            ("train01/a.png", "train02/b.png"),
        ),
    ],
)
def test_numbered_folders_of_one_kind_part_nothing(tmp_path: Path, paths: tuple[str, ...]) -> None:
    put(tmp_path, *paths)
    corpus = open_corpus(str(tmp_path))
    assert (labels(corpus), corpus.understood.doubts) == (["unlabelled"] * 2, ())


def test_folders_that_say_nothing_beside_those_that_do_are_named(tmp_path: Path) -> None:
    put(tmp_path, "TB/a.png", "NonTB/b.png", "NonTB/c.png")
    assert "not understood, and unlabelled: NonTB (2)" in open_corpus(str(tmp_path)).understood.label


def test_folders_of_systems_hold_no_images(tmp_path: Path) -> None:
    put(tmp_path, "normal/a.png", "normal/@eaDir/a.png", "$RECYCLE.BIN/b.png", "__MACOSX/normal/a.png")
    assert [entry.image_id for entry in open_corpus(str(tmp_path)).radiographs] == ["normal/a.png"]


def test_pictures_made_of_an_image_are_left_out_by_their_folder(tmp_path: Path) -> None:
    put(tmp_path, "normal/a.png", "sick/b.png", "gradcam/b.png", "normal/thumbs/a.png", "heatmaps/other.png")
    corpus = open_corpus(str(tmp_path))
    assert {entry.image_id for entry in corpus.skipped} == {"gradcam/b.png", "normal/thumbs/a.png"}
    assert "heatmaps/other.png" in {entry.image_id for entry in corpus.radiographs}
