"""Laws of what lies around a folder, or beside a table: what tells of its images is not missed."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.corpus import open_corpus
from artasyn.data_manifests.corpora.surroundings import files_around
from artasyn.data_manifests.errors import CorpusError
from tests.data_manifests.corpora.trees import labels, put, reasons, table

COCO = {
    "images": [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png"}],
    "annotations": [
        {"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "segmentation": [[1, 2, 4, 2, 4, 6]]}
    ],
    "categories": [{"id": 1, "name": "pneumonia"}],
}


def doubts(folder: Path) -> list[str]:
    understood = open_corpus(str(folder)).understood
    assert understood.plain != bool(understood.doubts)
    return [str(doubt) for doubt in understood.doubts]


@pytest.mark.parametrize(
    ("images", "told"),
    [
        ("part_01/images", "labels.csv"),
        ("train", "annotations/annotations_train.csv"),
        ("png/images", "metadata/tables/all.csv"),
        ("images", "list.csv"),
    ],
)
def test_a_table_around_a_folder_tells_of_its_images(tmp_path: Path, images: str, told: str) -> None:
    put(tmp_path / "set" / images, "a.png", "b.png")
    (tmp_path / "set" / told).parent.mkdir(parents=True, exist_ok=True)
    table(tmp_path / "set" / told, "image,label", "a,normal", "b,pneumonia")
    (said,) = doubts(tmp_path / "set" / images)
    assert f"its table {Path(told).name} tells labels of its images" in said
    table(tmp_path / "set" / told, "image,label", "a,normal", "b,normal", "c,pneumonia")
    assert doubts(tmp_path / "set" / images) == []


def test_folders_whose_names_say_something_are_not_climbed_out_of(tmp_path: Path) -> None:
    put(tmp_path, "mine/images/a.png", "pneumonia labels of others/a.png")
    table(tmp_path / "labels.csv", "image,label", "a,pneumonia")
    table(tmp_path / "pneumonia labels of others/labels.csv", "image,label", "a,pneumonia")
    (tmp_path / "mine/reports").mkdir()
    table(tmp_path / "mine/reports/images.csv", "image,label", "a,abnormal")  # figures of a scoring, perhaps
    assert files_around(tmp_path / "mine/images") == []
    assert doubts(tmp_path / "mine/images") == []


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("annotations/instances.json", json.dumps(COCO)),
        ("train.txt", "1 a.png pneumonia cohen\n2 b.png normal rsna\n"),
        ("train.json", '[{"file_name": "a.png", "syms": ["Effusion"]}]'),
    ],
)
def test_annotations_around_a_folder_are_named_with_what_to_do(tmp_path: Path, place: str, text: str) -> None:
    put(tmp_path / "set" / "images", "a.png", "b.png")
    (tmp_path / "set" / place).parent.mkdir(exist_ok=True)
    (tmp_path / "set" / place).write_text(text)
    (said,) = doubts(tmp_path / "set" / "images")
    assert f"perhaps: ../{place} (give {tmp_path / 'set'} in its place" in said


def test_a_mere_list_of_names_tells_nothing(tmp_path: Path) -> None:
    put(tmp_path / "images", "a.png", "b.png")
    (tmp_path / "train_val_list.txt").write_text("a.png\nimages/b.png\n")
    assert doubts(tmp_path / "images") == []


@pytest.mark.parametrize("cell", ["a.png", "A", "images/a.png"])
def test_a_workbook_that_names_images_is_told(tmp_path: Path, cell: str) -> None:
    put(tmp_path / "images", "a.png", "b.png")
    with zipfile.ZipFile(tmp_path / "labels.xlsx", "w") as book:
        book.writestr("xl/sharedStrings.xml", f"<sst><si><t>{cell}</t></si><si><t>pneumonia</t></si></sst>")
    assert "perhaps: ../labels.xlsx" in doubts(tmp_path / "images")[0]
    (tmp_path / "labels.xlsx").write_bytes(b"PK\3\4 cut")
    assert doubts(tmp_path / "images") == []


def test_outlines_in_coco_are_told_as_not_read(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png")
    (tmp_path / "coco.json").write_text(json.dumps(COCO))
    assert open_corpus(str(tmp_path)).understood.boxes.endswith(
        "outlines are not read: save them as masks in PNG"
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (("image,projection", "a,Frontal", "b,Lateral"), "tells that 1 image are no frontal views"),
        (("image,BrixiaScore", "a,000000", "b,112233"), "columns that are not understood: BrixiaScore"),
        (("image,ETT - Abnormal", "a,0", "b,1"), "columns that are not understood: ETT - Abnormal"),
        (("image,x,y,width,height", "a,,,,", "b,1,2,13,14"), "tells marks of its images"),
    ],
)
def test_a_table_that_may_speak_against_normal_is_doubted(
    tmp_path: Path, rows: tuple[str, ...], said: str
) -> None:
    put(tmp_path / "films", "a.png", "b.png")
    table(tmp_path / "list.csv", *rows)
    assert said in doubts(tmp_path / "films")[0]
    assert not open_corpus(str(tmp_path / "films"), hand=ByHand(assume_normal=True)).understood.doubts


def test_a_table_that_knows_no_label_tells_nothing(tmp_path: Path) -> None:
    """As what a version left out is listed."""
    put(tmp_path / "films", "a.png", "b.png")
    table(tmp_path / "left_out.csv", "image_id,label,kind,reason", "b.png,unlabelled,flat,has no contrast")
    assert doubts(tmp_path / "films") == []


def test_the_table_with_most_of_the_labels_is_the_one_to_read(tmp_path: Path) -> None:
    put(tmp_path / "images", "a.png", "b.png")
    table(tmp_path / "boxes.csv", "image,finding,x,y,width,height", "b,pneumonia,1,2,13,14")
    table(tmp_path / "labels.csv", "image,label", "a,normal", "b,pneumonia")
    assert doubts(tmp_path / "images")[0].startswith("its table labels.csv")


def test_a_corpus_of_the_catalog_is_named_by_a_folder_within_it(tmp_path: Path) -> None:
    put(tmp_path / "MontgomerySet" / "CXR_png", "MCUCXR_0001_0.png", "MCUCXR_0104_1.png")
    assert "give `montgomery --root FOLDER`" in doubts(tmp_path / "MontgomerySet" / "CXR_png")[0]


def test_a_table_of_the_catalog_names_the_command_that_reads_the_corpus(tmp_path: Path) -> None:
    put(tmp_path / "images_001" / "images", "00000001_000.png", "00000002_000.png")
    rows = ("Image Index,Finding Labels,Patient ID", "00000001_000.png,No Finding,1")
    table(tmp_path / "Data_Entry_2017.csv", *rows, "00000002_000.png,Mass,2")
    said = doubts(tmp_path / "images_001" / "images")[0]
    assert f"`artasyn-synth build nih-chestxray14 STORE --root {tmp_path}` reads that corpus" in said


def test_a_table_that_another_contradicts_is_refused_until_its_column_is_named(tmp_path: Path) -> None:
    """RSNA: 0 says that there is no box; the radiologist says that the image is not normal."""
    put(tmp_path, "a.png", "b.png", "c.png")
    boxes = table(
        tmp_path / "boxes.csv", "image,x,y,width,height,Target", "a,,,,,0", "b,,,,,0", "c,1,2,3,4,1"
    )
    table(tmp_path / "classes.csv", "image,class", "a,Normal", "b,Not Normal", "c,Opacity")
    (doubt,) = open_corpus(str(boxes)).understood.doubts
    assert doubt.kind == "label_values"
    assert doubt.reason == "calls 1 image normal that classes.csv calls abnormal: b.png"
    by_hand = open_corpus(str(boxes), hand=ByHand(label_column="Target"))
    assert not by_hand.understood.doubts
    assert labels(by_hand) == {"a.png": "normal", "b.png": "normal", "c.png": "abnormal"}


def test_a_box_around_no_finding_is_none(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png")
    rows = ("image,class_name,x_min,y_min,x_max,y_max", "a,No finding,0,0,1,1", "b,Opacity,2,3,12,13")
    corpus = open_corpus(str(table(tmp_path / "list.csv", *rows)))
    assert [len(entry.boxes) for entry in corpus.radiographs] == [0, 1]


def test_outlines_in_a_column_called_annotation_name_no_mask(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png")
    rows = ("image,label,annotation", "a,normal,", "b,sick,0 30 40 60 70;2 10 10 20 10 20 30")
    corpus = open_corpus(str(table(tmp_path / "list.csv", *rows)))
    assert labels(corpus) == {"a.png": "normal", "b.png": "abnormal"}
    assert "column annotation names no mask file and is not read" in corpus.understood.notes


def test_rows_without_a_view_are_told(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png", "c.png")
    rows = ("image,label,view", "a,normal,PA", "b,normal,L", "c,normal,")
    corpus = open_corpus(str(table(tmp_path / "list.csv", *rows)))
    assert labels(corpus) == {"a.png": "normal", "c.png": "normal"}
    assert "rows that tell no view in column view are kept" in corpus.understood.notes


def test_views_with_their_key_are_read(tmp_path: Path) -> None:
    put(tmp_path, "s1_bp-chest_vp-pa_dx.png", "s1_bp-chest_vp-ll_dx.png", "LL_study-view_1.png")
    assert reasons(open_corpus(str(tmp_path))) == {"s1_bp-chest_vp-ll_dx.png": "lateral_view"}


def test_health_beside_disease_is_normal_and_what_is_extra_is_unlabelled(tmp_path: Path) -> None:
    """TBX11K."""
    put(
        tmp_path,
        "imgs/health/h.png",
        "imgs/sick/s.png",
        "imgs/tb/t.png",
        "imgs/extra/da/e.png",
        "imgs/test/u.png",
    )
    assert labels(open_corpus(str(tmp_path))) == {
        "imgs/extra/da/e.png": "unlabelled",
        "imgs/health/h.png": "normal",
        "imgs/sick/s.png": "abnormal",
        "imgs/tb/t.png": "abnormal",
        "imgs/test/u.png": "unlabelled",
    }
    put(tmp_path / "projects/health", "a.png")
    assert labels(open_corpus(str(tmp_path / "projects/health"))) == {"a.png": "unlabelled"}


def test_the_disease_in_the_name_of_a_collection_is_not_the_class_of_n_and_p(tmp_path: Path) -> None:
    put(tmp_path, "COVIDGR_1.0/N/a.png", "COVIDGR_1.0/P/b.png")
    assert set(labels(open_corpus(str(tmp_path))).values()) == {"unlabelled"}
    assert doubts(tmp_path)[0].startswith("its sub-folders N, P may be classes")


@pytest.mark.parametrize(
    ("folder", "split"),
    [
        ("train_images", "train"),
        ("stage_2_test_images", "test"),
        ("dicom-images-train", "train"),
        ("train_val", ""),
    ],
)
def test_a_split_is_read_beside_words_that_say_nothing(tmp_path: Path, folder: str, split: str) -> None:
    put(tmp_path, f"{folder}/a.png", "val/b.png")
    corpus = open_corpus(str(tmp_path))
    assert {entry.image_id: entry.split for entry in corpus.radiographs} == {
        f"{folder}/a.png": split,
        "val/b.png": "val",
    }


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("list.txt", "name them in a first line such as `image,label`"),
        ("coco.json", "give the folder that holds it and its images"),
        ("mnist.npz", "save each of its images as PNG"),
        ("set.zip", "unpack it"),
    ],
)
def test_files_of_other_kinds_are_refused_with_what_to_do(tmp_path: Path, name: str, remedy: str) -> None:
    (tmp_path / name).write_bytes(np.zeros(9).tobytes())
    with pytest.raises(CorpusError, match=remedy):
        open_corpus(str(tmp_path / name))


def test_a_folder_all_of_whose_images_lie_below_a_word_for_masks_says_so(tmp_path: Path) -> None:
    put(tmp_path, "Lung Segmentation/CXR_png/x1.png")
    with pytest.raises(CorpusError, match=r"called as those of masks are: Lung Segmentation/CXR_png/x1.png"):
        open_corpus(str(tmp_path))


def test_a_table_none_of_whose_images_is_there_says_that_and_nothing_of_labels(tmp_path: Path) -> None:
    put(tmp_path, "a.png")
    corpus = open_corpus(str(table(tmp_path / "list.csv", "image,findings", "x.png,The heart is large.")))
    assert not corpus.understood.doubts
    assert set(reasons(corpus).values()) == {"missing"}


def test_names_of_which_some_alone_say_normal_part_the_images(tmp_path: Path) -> None:
    put(tmp_path, "control_1.png", "case_1.png")
    assert doubts(tmp_path)[0].startswith("the names of 1 image alone say normal, such as control_1.png")
    (tmp_path / "case_1.png").rename(tmp_path / "control_2.png")
    assert doubts(tmp_path) == []


def test_a_title_above_the_names_of_the_columns_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "a.png")
    with pytest.raises(CorpusError, match=r"names one column, `Films of 2021`.*remove what stands above"):
        open_corpus(str(table(tmp_path / "list.csv", "Films of 2021,,", "image,label,age", "a,normal,3")))


@pytest.mark.parametrize("word", ["s/p pneumonia", "h/o TB"])
def test_a_disease_of_the_past_is_not_understood(tmp_path: Path, word: str) -> None:
    put(tmp_path, "a.png", "b.png")
    corpus = open_corpus(str(table(tmp_path / "list.csv", "image,label", "a,normal", f"b,{word}")))
    assert [doubt.kind for doubt in corpus.understood.doubts] == ["label_values"]
