"""Laws of the columns of undeclared tables: what disagrees or is not understood is said; views, patients are known."""

import shutil
from pathlib import Path

import pytest

from artasyn.data_manifests.corpora.corpus import ByHand, open_corpus
from artasyn.data_manifests.errors import CorpusError
from tests.data_manifests.corpora.test_tables import HALF, images, labels, put, rows

__all__ = ["images"]


def test_columns_that_disagree_stop_the_plan(tmp_path: Path) -> None:
    lines = [
        [*row, finding] for row, finding in zip(rows(), ("No finding", "Mass", "Mass", "Mass"), strict=True)
    ]
    [doubt] = open_corpus(put(tmp_path, lines, head="image,label,finding")).understood.doubts
    assert (doubt.kind, "disagree in 1 row" in doubt.reason) == ("label_values", True)
    by_hand = ByHand(label_column="label")
    assert labels(open_corpus(put(tmp_path, lines, head="image,label,finding"), None, by_hand)) == HALF


def test_the_0_of_one_finding_contradicts_nothing(tmp_path: Path) -> None:
    lines = [[*row, value] for row, value in zip(rows(), "0001", strict=True)]
    assert not open_corpus(put(tmp_path, lines, head="image,class,Target")).understood.doubts


def test_a_label_column_of_unknown_words_stops_the_plan(tmp_path: Path) -> None:
    lines = rows(values=("A", "B", "A", "B"))
    [doubt] = open_corpus(put(tmp_path, lines)).understood.doubts
    assert (doubt.kind, "A, B" in doubt.reason) == ("label_values", True)
    text = put(tmp_path, rows(values=("норма", "норма", "пневмония", "пневмония")), code="cp1251")
    assert "save the table as UTF-8" in open_corpus(text).understood.doubts[0].remedy


@pytest.mark.parametrize("column", ["view", "View Position", "projection", "Frontal/Lateral"])
def test_rows_of_other_views_are_left_out_and_said(tmp_path: Path, column: str) -> None:
    lines = [[*row, view] for row, view in zip(rows(), ("PA", "Lateral", "AP", "L"), strict=True)]
    corpus = open_corpus(put(tmp_path, lines, head=f"image,label,{column}"))
    assert labels(corpus) == {"normal": 1, "abnormal": 1}
    assert any("other views" in note for note in corpus.understood.notes)


def test_rows_of_other_parts_of_the_body_are_left_out(tmp_path: Path) -> None:
    lines = [[*row, part] for row, part in zip(rows(), ("CHEST", "HAND", "THORAX", "KNEE"), strict=True)]
    corpus = open_corpus(put(tmp_path, lines, head="image,label,BodyPartExamined"))
    assert labels(corpus) == {"normal": 1, "abnormal": 1}


@pytest.mark.parametrize(
    "column", ["Pat_Nr", "PatientID", "subject_id", "MRN", "participant id", "ID_Paciente", "N° patient"]
)
def test_columns_of_patients(tmp_path: Path, column: str) -> None:
    lines = [[*row, number] for row, number in zip(rows(), "1122", strict=True)]
    corpus = open_corpus(put(tmp_path, lines, head=f"image,label,{column}"))
    assert len({entry.patient for entry in corpus.radiographs}) == 2
    assert all(column not in entry.attributes for entry in corpus.radiographs)


def test_what_has_not_changed_is_neither_normal_nor_abnormal(tmp_path: Path) -> None:
    said = ("['normal', 'unchanged']", "['unchanged']", "['pneumonia', 'unchanged']", "['normal']")
    lines = [[image, f'"{label}"'] for (image, _), label in zip(rows(), said, strict=True)]
    corpus = open_corpus(put(tmp_path, lines, head="image,label"))
    assert labels(corpus) == {"normal": 2, "unlabelled": 1, "abnormal": 1}


@pytest.mark.parametrize(
    ("head", "lines", "said"),
    [
        ("image,label", [["images/normal1.png", "normal", "but rotated"]], "3 cells in row 1 and 2 columns"),
        ("image,label,label", [["images/normal1.png", "normal", "mass"]], "2 columns called `label`"),
        ("image label", [["images/normal1.png normal"]], "not parted into columns"),
    ],
)
def test_tables_that_cannot_be_read_rightly_are_refused(
    tmp_path: Path, head: str, lines: list[list[str]], said: str
) -> None:
    with pytest.raises(CorpusError, match=said):
        open_corpus(put(tmp_path, lines, head=head))


def test_a_second_column_of_images_is_told(tmp_path: Path) -> None:
    lines = [["images/normal1.png", "images/sick1.png", "normal"]]
    notes = open_corpus(put(tmp_path, lines, head="image1,image2,label")).understood.notes
    assert any("image2 name images too" in note for note in notes)


def test_a_known_column_of_images_counts_more_than_numbers_that_are_names_of_files_too(
    tmp_path: Path,
) -> None:
    """Of a partial copy most files are absent; the labels 0 and 1 are not the files 0.png and 1.png."""
    for name in ("0.png", "1.png"):
        shutil.copy(tmp_path / "images/normal1.png", tmp_path / "images" / name)
    lines = [["0", "images/normal2.png", "1"], ["1", "images/absent.png", "0"]]
    corpus = open_corpus(put(tmp_path, lines, head="number,image,label"))
    assert (corpus.manifest.sources[0].image, labels(corpus)) == ("{image}", {"abnormal": 1})
    with pytest.raises(CorpusError, match="no column that names the images"):
        open_corpus(put(tmp_path, [["x", "1"]], head="picture_of,label"))


def test_a_workbook_under_the_name_of_a_table_is_told(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(CorpusError, match=r"workbook .* no text .save it as CSV"):
        open_corpus(str(path))
