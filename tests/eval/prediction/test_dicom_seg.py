"""Headers as de-identified and old radiographs have them: carried, or refused with the element's name."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid

from artasyn.data_manifests.errors import ImageError
from artasyn.eval.prediction.dicom_seg import MAY_BE_EMPTY, NEEDED, encode_segmentation
from tests.data_manifests.images.radiographs import make, save

MASK = np.eye(64, 48, dtype=bool)


def radiograph(path: Path, *, without: str = "", **elements: object) -> Path:
    plain = {"PatientBirthDate": "", "PatientSex": "O", "StudyDate": "20200101", "StudyTime": "120000"}
    plain |= {"StudyID": "1", "AccessionNumber": "1", "ReferringPhysicianName": "N"}
    uids = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()}
    dataset = make(**(plain | uids | {"SeriesNumber": 1, "InstanceNumber": 1} | elements))
    if without:
        delattr(dataset, without)
    return save(dataset, path)


@pytest.fixture(autouse=True)
def needs_highdicom() -> None:
    pytest.importorskip("highdicom")


@pytest.mark.parametrize("element", MAY_BE_EMPTY)
def test_elements_that_may_be_empty_may_be_absent(tmp_path: Path, element: str) -> None:
    made = dcmread(
        BytesIO(encode_segmentation(radiograph(tmp_path / "a.dcm", without=element), MASK, run="r"))
    )
    assert (made.Rows, made.Columns) == MASK.shape
    assert not made[element].value


@pytest.mark.parametrize("element", NEEDED)
def test_an_element_that_ties_both_together_is_named_where_it_lacks(tmp_path: Path, element: str) -> None:
    with pytest.raises(ImageError, match=f"lacks the element {element}"):
        encode_segmentation(radiograph(tmp_path / "a.dcm", without=element), MASK, run="r")


def test_a_broken_element_is_named_and_its_value_is_not(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="PatientSex is broken") as caught:
        encode_segmentation(radiograph(tmp_path / "a.dcm", PatientSex="SECRET"), MASK, run="r")
    assert "SECRET" not in str(caught.value)


def test_names_in_several_character_sets_are_kept(tmp_path: Path) -> None:
    name = "Yamada^Tarou=山田^太郎"
    sets = ["", "ISO 2022 IR 87"]
    path = radiograph(tmp_path / "a.dcm", SpecificCharacterSet=sets, PatientName=name)
    assert str(dcmread(BytesIO(encode_segmentation(path, MASK, run="r"))).PatientName) == name


def test_an_old_file_without_a_preamble_carries_one(tmp_path: Path) -> None:
    path = radiograph(tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes()[132:])
    assert dcmread(BytesIO(encode_segmentation(path, MASK, run="r"))).Rows == MASK.shape[0]
