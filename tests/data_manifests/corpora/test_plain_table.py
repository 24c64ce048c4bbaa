"""Laws of a plain table: understood by its column names; a row that cannot be used is listed."""

import csv
import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest

from artasyn.data_manifests.corpora.corpus import open_corpus
from artasyn.data_manifests.corpora.vocabulary import names_a_person
from artasyn.data_manifests.errors import CorpusError
from tests.data_manifests.corpora.trees import labels, put, reasons, table


def test_a_csv_is_understood_by_its_column_names(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png", "c.png", "m/b.png")
    path = table(
        tmp_path / "list.csv",
        "File,Label,Split,Patient_ID,mask,age",
        "a.png,Normal,training,7,,61",
        "b.png,pneumonia,valid,8,m/b.png,",
        "c.png,unknown,test,8,,9",
    )
    corpus = open_corpus(str(path))
    assert labels(corpus) == {"a.png": "normal", "b.png": "abnormal", "c.png": "unlabelled"}
    a, b, c = corpus.radiographs
    assert [a.split, b.split, c.split] == ["train", "val", "test"]
    assert b.patient == c.patient != a.patient
    assert "7" not in (a.patient, b.patient)
    assert b.mask == tmp_path / "m/b.png"
    assert a.attributes == {"Label": "Normal", "age": "61"}


def test_splits_and_columns_are_understood_however_they_are_written(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png")
    path = table(
        tmp_path / "list.csv",
        "Image Index,Class,Split,Patient ID,PatientName,MRN,Birth Date,Patient Age,birth_weight",
        "a.png,0.0,Train,7,Doe^Jane,M1,1950-01-02,61,3.1",
        "b.png,1.0,Test,7,Doe^Jane,M1,1950-01-02,61,3.1",
    )
    a, b = open_corpus(str(path)).radiographs
    assert (a.label, b.label, a.split, b.split) == ("normal", "abnormal", "train", "test")
    assert a.patient == b.patient != ""
    assert a.attributes == {
        "Class": "0.0",
        "Patient Age": "61",
        "birth_weight": "3.1",
    }  # nothing names the person


@pytest.mark.parametrize(
    ("column", "person"),
    [
        *(
            (name, True)
            for name in ("Patient's Name", "Patient First Name", "patient_last_name", "PatientMRN")
        ),
        *((name, True) for name in ("Name of patient", "patient_identifier", "record_number", "NHS Number")),
        *((name, True) for name in ("Subject ID", "birth date", "E-Mail", "Patient IDs", "name")),
        *(
            (name, False)
            for name in ("Patient Age", "patient_sex", "file_name", "class_name", "birth weight")
        ),
        *((name, False) for name in ("hospital", "view", "Follow-up #", "kernel", "reading")),
    ],
)
def test_columns_that_tell_who_somebody_is(column: str, person: bool) -> None:
    assert names_a_person(column) == person


def test_a_csv_without_a_label_column_reads_the_folders(tmp_path: Path) -> None:
    put(tmp_path, "normal/a.png", "diseased/b.png", "c.png")
    path = table(tmp_path / "list.csv", "path", "normal/a.png", "diseased/b.png", "c.png")
    assert labels(open_corpus(str(path))) == {
        "c.png": "unlabelled",
        "diseased/b.png": "abnormal",
        "normal/a.png": "normal",
    }


def test_a_gzipped_csv_with_a_byte_order_mark_and_a_root_elsewhere_is_read(tmp_path: Path) -> None:
    put(tmp_path / "images", "a.png")
    with gzip.open(tmp_path / "list.csv.gz", "wt", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([["image", "class"], ["a.png", "normal"]])
    assert labels(open_corpus(str(tmp_path / "list.csv.gz"), tmp_path / "images")) == {"a.png": "normal"}


def test_rows_that_cannot_be_used_are_listed_and_the_rest_is_read(tmp_path: Path) -> None:
    put(tmp_path / "in", "a.png", "b.png", "c.png")
    put(tmp_path, "secret.png")
    path = table(
        tmp_path / "in" / "list.csv",
        "image,label,mask",
        "a.png,normal,",
        "a.png,normal,",
        "gone.png,normal,",
        "../secret.png,normal,",
        f"{tmp_path}/secret.png,normal,",
        "x/../../secret.png,normal,",
        ",normal,",
        "b.png,abnormal,gone_mask.png",
        "c.png,abnormal,../secret.png",
    )
    corpus = open_corpus(str(path))
    assert labels(corpus) == {"a.png": "normal"}
    assert reasons(corpus) == {
        "(no path)": "no_path",
        "../secret.png": "outside_root",
        f"{tmp_path}/secret.png": "outside_root",
        "a.png#2": "duplicate",
        "b.png": "missing_mask",
        "c.png": "outside_root",
        "gone.png": "missing",
        "x/../../secret.png": "outside_root",
    }


def test_absolute_paths_inside_the_root_are_taken(tmp_path: Path) -> None:
    put(tmp_path, "a.png")
    path = table(tmp_path / "list.csv", "image,label", f"{tmp_path.resolve()}/a.png,normal")
    assert labels(open_corpus(str(path))) == {"a.png": "normal"}


def test_odd_column_names_and_short_rows_do_no_harm(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png")
    path = table(tmp_path / "list.csv", "image,label,{x},a:b,age%,", "a.png,normal,1,2,3,4", "b.png")
    corpus = open_corpus(str(path))
    assert labels(corpus) == {"a.png": "normal", "b.png": "unlabelled"}
    assert corpus.radiographs[0].attributes == {"label": "normal", "age%": "3"}


def test_a_corrupt_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "list.csv.gz").write_bytes(b"\x1f\x8b no gzip")
    with pytest.raises(CorpusError, match=r"list\.csv\.gz"):
        open_corpus(str(tmp_path / "list.csv.gz"))
    (tmp_path / "list.csv").write_bytes(b"image,label\n\xff\x81\xfa,normal\n")
    with pytest.raises(CorpusError, match="cannot be read"):
        open_corpus(str(tmp_path / "list.csv"))


def test_the_reader_reads_as_the_corpus_does_and_is_small(tmp_path: Path) -> None:
    put(tmp_path, *(f"normal/{i:03}.png" for i in range(50)))
    corpus = open_corpus(str(tmp_path))
    reader = pickle.loads(pickle.dumps(corpus.reader()))
    first = corpus.radiographs[0]
    assert np.array_equal(reader.read_image(first), corpus.read_image(first))
    assert reader.describe() == corpus.describe()
    assert corpus.read_mask(first) is corpus.read_lungs(first) is None
    assert len(pickle.dumps(reader)) < len(pickle.dumps(corpus)) / 2


def test_files_called_as_columns_do_not_make_a_header_a_row(tmp_path: Path) -> None:
    put(tmp_path, "c1/image.png", "c1/mask.png", "c2/image.png", "c2/mask.png")
    rows = ("image,mask,label", "c1/image.png,c1/mask.png,covid", "c2/image.png,,normal")
    corpus = open_corpus(str(table(tmp_path / "list.csv", *rows)))
    assert labels(corpus) == {"c1/image.png": "abnormal", "c2/image.png": "normal"}
    with pytest.raises(CorpusError, match="has no header line"):
        open_corpus(str(table(tmp_path / "bare.csv", "c1/image.png,covid", "c2/image.png,normal")))
