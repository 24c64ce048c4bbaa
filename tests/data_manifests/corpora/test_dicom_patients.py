"""Laws of patients from headers: hashed, only where the corpus names none, and placeholders are said."""

from pathlib import Path

import pytest

from artasyn.data_manifests.corpora.corpus import ByHand, Corpus, open_corpus
from artasyn.data_manifests.images.dicom_patient import patient_id
from tests.data_manifests.images.radiographs import make, save


def corpus(folder: Path, *identifiers: str) -> Corpus:
    for number, identifier in enumerate(identifiers):
        save(make(PatientID=identifier), folder / f"{number}.dcm")
    return open_corpus(str(folder))


def test_images_of_one_identifier_are_of_one_patient_and_the_identifier_is_not_kept(tmp_path: Path) -> None:
    found = corpus(tmp_path, "P-17", "P-18", "P-17")
    first, second, third = (entry.patient for entry in found.radiographs)
    assert first == third != second
    assert "P-17" not in repr(found)
    assert found.understood.lines()["patient"] == "PatientID of the DICOM headers, as a salted hash"


def test_a_secret_salt_changes_the_hashes(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("f" * 64)
    (tmp_path / "images").mkdir()
    public = corpus(tmp_path / "images", "P-17", "P-18")
    secret = open_corpus(str(tmp_path / "images"), hand=ByHand(salt_file=str(tmp_path / "secret")))
    assert {r.patient for r in public.radiographs}.isdisjoint({r.patient for r in secret.radiographs})


@pytest.mark.parametrize(
    "identifiers", [("ANONYMOUS", "ANONYMOUS"), ("0", ""), ("17", "17", "17"), ("anon", "none")]
)
def test_a_placeholder_is_no_patient_and_is_said(tmp_path: Path, identifiers: tuple[str, ...]) -> None:
    found = corpus(tmp_path, *identifiers)
    assert {entry.patient for entry in found.radiographs} == {""}
    assert "placeholder" in found.understood.lines()["patient"]


def test_images_without_an_identifier_beside_others_are_told(tmp_path: Path) -> None:
    found = corpus(tmp_path, "17", "", "18", "ANONYMOUS")
    assert [bool(entry.patient) for entry in found.radiographs] == [True, False, True, False]
    assert found.understood.lines()["patient"].endswith("; 2 images have none, or a placeholder")


def test_what_a_table_says_of_patients_counts_more(tmp_path: Path) -> None:
    corpus(tmp_path, "17", "18")
    (tmp_path / "a.csv").write_text("path,label,patient\n0.dcm,normal,A\n1.dcm,normal,A\n")
    found = open_corpus(str(tmp_path / "a.csv"))
    assert len({entry.patient for entry in found.radiographs}) == 1
    assert found.understood.patient == "column patient"


def test_headers_without_any_identifier_say_nothing(tmp_path: Path) -> None:
    found = corpus(tmp_path, "", "")
    assert patient_id(tmp_path / "0.dcm") == ""
    assert "patient" not in found.understood.lines()


def test_words_for_nobody_in_a_table_are_no_patients_and_numbers_are(tmp_path: Path) -> None:
    corpus(tmp_path, *"123456")
    rows = ("0.dcm,normal,nan", "1.dcm,normal,Unknown", "2.dcm,normal,0", "3.dcm,normal,7", "4.dcm,normal,7")
    (tmp_path / "a.csv").write_text("\n".join(("path,label,patient", *rows, "5.dcm,normal,anonymous")))
    found = open_corpus(str(tmp_path / "a.csv"))
    assert [bool(entry.patient) for entry in found.radiographs] == [False, False, True, True, True, False]
    assert "3 images of no patient, or of a placeholder" in found.understood.lines()["note"]


def test_patients_in_several_splits_are_told(tmp_path: Path) -> None:
    corpus(tmp_path, *"123")
    rows = ("0.dcm,normal,A,train", "1.dcm,normal,A,test", "2.dcm,normal,B,test")
    (tmp_path / "a.csv").write_text("\n".join(("path,label,patient,split", *rows)))
    found = open_corpus(str(tmp_path / "a.csv"))
    assert "1 patient with images in several splits" in found.understood.lines()["note"]
