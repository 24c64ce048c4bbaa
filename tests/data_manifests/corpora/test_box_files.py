"""Laws of boxes in files: the same box in every format, on the right image, and never on a normal one in silence."""

import json
from pathlib import Path

import pytest

from artasyn.data_manifests.corpora.corpus import ByHand, Corpus, open_corpus
from artasyn.data_manifests.corpora.radiograph import Box
from artasyn.data_manifests.errors import CorpusError
from tests.data_manifests.corpora.trees import labels, put

BOX = Box(4, 6, 8, 10, "opacity")  # of 20 x 20 pixels


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def yolo(root: Path, finding: str) -> None:
    write(root / "labels/a.txt", "0 0.4 0.55 0.4 0.5\n")
    write(root / "labels/b.txt", "")
    write(root / "classes.txt", f"{finding}\n")


def voc(root: Path, finding: str) -> None:
    box = "<bndbox><xmin>4</xmin><ymin>6</ymin><xmax>12</xmax><ymax>16</ymax></bndbox>"
    write(
        root / "Annotations/a.xml", f"<annotation><object><name>{finding}</name>{box}</object></annotation>"
    )
    write(root / "Annotations/b.xml", "<annotation><filename>b.png</filename></annotation>")


def coco(root: Path, finding: str) -> None:
    images = [{"id": number, "file_name": f"images/{name}.png"} for number, name in enumerate("ab")]
    marks = [{"image_id": 0, "bbox": [4, 6, 8, 10], "category_id": 7}]
    told = {"images": images, "annotations": marks, "categories": [{"id": 7, "name": finding}]}
    write(root / "boxes.json", json.dumps(told))


FORMATS = [yolo, voc, coco]


def boxes(corpus: Corpus) -> dict[str, tuple[Box, ...]]:
    return {
        entry.image_id: tuple(Box(*(round(side, 6) for side in box[:4]), box.finding) for box in entry.boxes)
        for entry in corpus.radiographs
    }


@pytest.mark.parametrize("annotate", FORMATS)
def test_the_same_box_is_read_from_every_format_and_makes_its_image_abnormal(
    tmp_path: Path, annotate
) -> None:
    put(tmp_path, "images/a.png", "images/b.png")
    annotate(tmp_path, "opacity")
    corpus = open_corpus(str(tmp_path))
    assert boxes(corpus) == {"images/a.png": (BOX,), "images/b.png": ()}
    assert labels(corpus) == {"images/a.png": "abnormal", "images/b.png": "unlabelled"}
    assert not corpus.understood.plain
    assert corpus.understood.boxes.endswith("1 image with boxes")


@pytest.mark.parametrize("annotate", FORMATS)
def test_a_box_of_what_is_not_known_to_be_disease_is_doubted(tmp_path: Path, annotate) -> None:
    put(tmp_path, "images/a.png", "images/b.png")
    annotate(tmp_path, "thing")
    corpus = open_corpus(str(tmp_path))
    assert [doubt.kind for doubt in corpus.understood.doubts] == ["no_label"]
    assert "1 image with boxes of thing" in str(corpus.understood.doubts[0])
    assert open_corpus(str(tmp_path), hand=ByHand(assume_normal=True)).understood.doubts == ()


@pytest.mark.parametrize("annotate", FORMATS)
def test_folders_say_more_of_a_class_than_boxes(tmp_path: Path, annotate) -> None:
    put(tmp_path, "normal/images/b.png", "sick/images/a.png")
    annotate(tmp_path, "thing")
    corpus = open_corpus(str(tmp_path))
    assert labels(corpus) == {"normal/images/b.png": "normal", "sick/images/a.png": "abnormal"}
    assert sum(map(len, boxes(corpus).values())) == 1


def test_a_file_goes_to_the_image_of_its_own_split(tmp_path: Path) -> None:
    put(tmp_path, "train/images/a.png", "val/images/a.png")
    write(tmp_path / "val/labels/a.txt", "0 0.5 0.5 0.1 0.1")
    assert [name for name, found in boxes(open_corpus(str(tmp_path))).items() if found] == [
        "val/images/a.png"
    ]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("labels/a.txt", "0 40 50 10 12", "no YOLO box.*0 40 50 10 12"),
        ("labels/a.txt", "0 0.1 0.1 0.2 0.2 0.3 0.3 0.1 0.3", "no YOLO box"),
        (
            "a.xml",
            "<annotation><object><bndbox><xmin>9</xmin></bndbox></object></annotation>",
            "not four numbers",
        ),
        (
            "b.json",
            '{"images": [{"id": 0, "file_name": "a.png"}, {"id": 1, "file_name": "z.png"}],'
            ' "annotations": [{"image_id": 1, "bbox": [1, 1, 2, 2]}]}',
            "names no image, or several, of 1 box list: z.png",
        ),
        ("b.json", '{"images": [{"id": 0, "file_name": "a.png"}], "annotations": [{"image_id": 0}]}', "bbox"),
    ],
)
def test_what_looks_like_boxes_and_cannot_be_read_is_refused(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    put(tmp_path, "images/a.png")
    write(tmp_path / name, text)
    with pytest.raises(CorpusError, match=words):
        open_corpus(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "No acute disease."),
        ("a.xml", "<report/>"),
        ("a.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]>"),
        ("a.json", "{"),
    ],
)
def test_other_text_beside_an_image_is_told_and_not_read(tmp_path: Path, name: str, text: str) -> None:
    put(tmp_path, "images/a.png")
    write(tmp_path / "images" / name, text)
    corpus = open_corpus(str(tmp_path))
    assert (boxes(corpus), corpus.understood.boxes) == ({"images/a.png": ()}, "")
    assert "1 file of kinds that are not read as images" in corpus.understood.ignored
