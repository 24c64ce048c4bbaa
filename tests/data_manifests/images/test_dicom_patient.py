"""Laws of PatientID: read from the header alone, and an identifier that stands for nobody is known."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from artasyn.data_manifests.images.dicom_patient import is_placeholder, patient_id
from tests.data_manifests.images.radiographs import make, save


@pytest.mark.parametrize("identifier", ["P-17", " 0017 ", "ANON0001", ""])
def test_the_identifier_is_read(tmp_path: Path, identifier: str) -> None:
    path = save(make(PatientID=identifier), tmp_path / "IM1")
    assert patient_id(path) == identifier.strip()
    path.write_bytes(path.read_bytes()[:900])
    assert patient_id(path) == identifier.strip()


def test_every_uncompressed_syntax_is_read_and_a_header_without_the_element(tmp_path: Path) -> None:
    dataset = make(PatientID="P-17")
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    assert patient_id(save(dataset, tmp_path / "a.dcm")) == "P-17"
    del dataset.PatientID
    assert patient_id(save(dataset, tmp_path / "a.dcm")) == ""


def test_what_cannot_be_read_has_no_patient(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((20, 20), np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "a.dcm").write_bytes(b"no DICOM at all" * 20)
    (tmp_path / "empty.dcm").write_bytes(b"")
    dataset = make(PatientID="P-17")
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    save(dataset, tmp_path / "bomb.dcm")
    for name in ("a.png", "a.dcm", "empty.dcm", "missing.dcm", "bomb.dcm"):
        assert patient_id(tmp_path / name) == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "0000",
        "00-00",
        "ANONYMOUS",
        "Anonymized",
        "anonym",
        "anon",
        "N/A",
        "none",
        "XXXX",
        "unknown",
        "Test",
    ],
)
def test_what_stands_for_nobody_is_known(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text", ["1", "0017", "ANON0001", "anonymous_23", "P-17", "x1", "test17", "Ünal", "患者1"]
)
def test_an_identifier_or_pseudonym_is_none(text: str) -> None:
    assert not is_placeholder(text)
