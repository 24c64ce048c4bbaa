"""Laws of views: any element that names another view decides, in many languages; what was ordered does not."""

from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.decode import read_image
from artasyn.data_manifests.images.header_notes import header_notes
from tests.data_manifests.images.radiographs import make, save

pytestmark = pytest.mark.filterwarnings("ignore:Invalid value for VR")

POSITIONS = (
    "L",
    "LL",
    "RL",
    "LATERAL",
    "XTABLE LATERAL",
    "AP LLD",
    "PA RLD",
    "SWIMMERS",
    "LAO",
    "RPO",
    "lateral",
    "LLO",
)
TEXTS = (
    *("Chest_Lat", "CHEST LATERAL", "Thorax LL", "lat.", "W033 Chest lat"),
    *("Thorax seitlich", "Thorax profil", "Tórax perfil", "torace profilo", "tórax em perfil", "thorax zijdelings"),
    *("klatka boczne", "lungor sidobild", "Thorax latéral", "Radiografía lateral de tórax", "latero-lateral"),
    *("胸部側面", "胸部 侧位", "흉부 측면", "Грудная клетка боковая"),
    *("left lateral decubitus", "oblique", "Thorax schräg", "Thorax oblicua", "ChestLat", "CHESTLAT", "Thorax stl."),
)  # fmt: skip
FRONTAL = (
    *("XR CHEST PA AND LATERAL", "CHEST (PA AND LAT)", "bilateral infiltrates", "Thorax p.a.", "Thorax pa/lat"),
    *("胸部正面", "胸部正面 側面", "Грудная клетка прямая"),
    *("PA & LAT", "Thorax frontal", "Tórax PA y lateral", "Chest plate", "latex allergy", "Thorax a.p. liegend", ""),
)  # fmt: skip


def is_refused(folder: Path, dataset: Dataset) -> bool:
    try:
        read_image(save(dataset, folder / "a.dcm"))
    except ImageError as error:
        return error.kind == "lateral_view"
    return False


@pytest.mark.parametrize(
    ("elements", "named"),
    [
        ({"ViewPosition": "LL"}, "ViewPosition"),
        ({"ViewPosition": "", "ProtocolName": "Chest lateral"}, "ProtocolName"),
        ({"ViewPosition": "PA", "PatientOrientation": ["A", "F"]}, "PatientOrientation"),
    ],
)
def test_the_refusal_names_the_element_that_decides(
    tmp_path: Path, elements: dict[str, Any], named: str
) -> None:
    with pytest.raises(ImageError, match=f"as its element {named} says"):
        read_image(save(make(**elements), tmp_path / "a.dcm"))


@pytest.mark.parametrize("position", POSITIONS)
def test_a_position_that_is_not_frontal_is_refused(tmp_path: Path, position: str) -> None:
    assert is_refused(tmp_path, make(ViewPosition=position))


@pytest.mark.parametrize(
    "keyword", ["SeriesDescription", "ProtocolName", "AcquisitionDeviceProcessingDescription"]
)
@pytest.mark.parametrize("text", TEXTS)
def test_a_description_of_a_lateral_view_is_refused(tmp_path: Path, keyword: str, text: str) -> None:
    assert is_refused(tmp_path, make(ViewPosition="", SpecificCharacterSet="ISO_IR 192", **{keyword: text}))


@pytest.mark.parametrize("keyword", ["SeriesDescription", "ProtocolName"])
@pytest.mark.parametrize("text", FRONTAL)
def test_a_description_that_names_a_frontal_view_as_well_is_read(
    tmp_path: Path, keyword: str, text: str
) -> None:
    dataset = make(
        ViewPosition="", SpecificCharacterSet="ISO_IR 192", PatientOrientation=["L", "F"], **{keyword: text}
    )
    assert not is_refused(tmp_path, dataset)


@pytest.mark.parametrize("position", ["PA", "AP", "pa", "ANTERO-POSTERIOR"])
def test_the_position_of_this_image_counts_more_than_the_name_of_its_series(
    tmp_path: Path, position: str
) -> None:
    assert not is_refused(tmp_path, make(ViewPosition=position, SeriesDescription="Chest lateral"))


def code(**elements: Any) -> Sequence:
    item = Dataset()
    for keyword, value in elements.items():
        setattr(item, keyword, value)
    return Sequence([item])


@pytest.mark.parametrize("elements", [{"CodeMeaning": "left lateral"}, {"CodeValue": "399173006"}])
def test_a_code_of_a_lateral_view_is_refused(tmp_path: Path, elements: dict[str, str]) -> None:
    assert is_refused(tmp_path, make(ViewPosition="", ViewCodeSequence=code(**elements)))


def test_a_code_of_a_frontal_view_is_read(tmp_path: Path) -> None:
    item = code(CodeMeaning="postero-anterior", CodeValue="399348003")
    assert not is_refused(tmp_path, make(ViewPosition="", ViewCodeSequence=item))


@pytest.mark.parametrize("directions", [["A", "F"], ["P", "F"], ["AR", "F"], ["L", "A"]])
def test_a_direction_from_front_to_back_is_refused(tmp_path: Path, directions: list[str]) -> None:
    assert is_refused(tmp_path, make(ViewPosition="", PatientOrientation=directions))


@pytest.mark.parametrize("directions", [["L", "F"], ["R", "F"], []])
def test_a_direction_from_side_to_side_is_read(tmp_path: Path, directions: list[str]) -> None:
    assert not is_refused(tmp_path, make(ViewPosition="", PatientOrientation=directions))


@pytest.mark.parametrize(
    "directions", [["F", "R"], ["R", "H"], ["L", "H"], ["F", "L"], ["H", "L"], ["RF", "HR"]]
)
def test_a_head_that_is_not_at_the_top_is_refused(tmp_path: Path, directions: list[str]) -> None:
    with pytest.raises(ImageError, match=r"head is not at the top.*PatientOrientation") as caught:
        read_image(save(make(PatientOrientation=directions), tmp_path / "a.dcm"))
    assert caught.value.kind == "not_upright"


@pytest.mark.parametrize("directions", [["L", "F"], ["R", "F"], ["LF", "FR"], ["L"], "L", ["", ""]])
def test_an_upright_image_is_read(tmp_path: Path, directions: list[str]) -> None:
    assert read_image(save(make(PatientOrientation=directions), tmp_path / "a.dcm")).shape == (64, 48)


@pytest.mark.parametrize(
    "elements",
    [
        {"ImageOrientationPatient": [1, 0, 0, 0, 0, 1]},
        {"ImageOrientationPatient": [0, 0, -1, 1, 0, 0]},
        {"ImageRotation": 180},
        {"ImageRotation": 90},
    ],
)
def test_a_head_elsewhere_by_plane_or_rotation_is_refused(tmp_path: Path, elements: dict[str, Any]) -> None:
    with pytest.raises(ImageError, match=f"head is not at the top.*{next(iter(elements))}"):
        read_image(save(make(**elements), tmp_path / "a.dcm"))


@pytest.mark.parametrize("plane", [[1, 0, 0, 0, 0, -1], [1, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0]])
def test_an_upright_plane_and_the_plane_that_programs_write_by_default_are_read(
    tmp_path: Path, plane: list[int]
) -> None:
    assert not is_refused(tmp_path, make(ImageOrientationPatient=plane, ImageRotation=0))


@pytest.mark.parametrize(
    ("elements", "element"),
    [
        ({"PatientOrientation": ["R", "F"]}, "PatientOrientation"),
        ({"ImageOrientationPatient": [-1, 0, 0, 0, 0, -1]}, "ImageOrientationPatient"),
        ({"ImageHorizontalFlip": "Y"}, "ImageHorizontalFlip"),
    ],
)
def test_a_mirrored_image_is_read_and_told(tmp_path: Path, elements: dict[str, Any], element: str) -> None:
    path = save(make(**elements), tmp_path / "a.dcm")
    assert read_image(path).shape == (64, 48)
    (note,) = header_notes(path, path.read_bytes())
    assert note.startswith("mirrored: ")
    assert element in note


@pytest.mark.parametrize("directions", [["L", "F"], ["", "F"], []])
def test_an_image_that_is_not_mirrored_says_nothing(tmp_path: Path, directions: list[str]) -> None:
    path = save(
        make(PatientOrientation=directions, PresentationIntentType="FOR PRESENTATION"), tmp_path / "a.dcm"
    )
    assert header_notes(path, path.read_bytes()) == []


def test_raw_pixels_of_a_detector_are_told(tmp_path: Path) -> None:
    path = save(make(PresentationIntentType="FOR PROCESSING"), tmp_path / "a.dcm")
    assert [note.partition(":")[0] for note in header_notes(path, path.read_bytes())] == ["for_processing"]


def test_who_lies_on_a_side_shows_no_frontal_view_though_it_is_ap(tmp_path: Path) -> None:
    for elements in ({"SeriesDescription": "CHEST DECUBITUS LEFT"}, {"PatientPosition": "HFDL"}):
        assert is_refused(tmp_path, make(ViewPosition="AP", **elements))
    assert not is_refused(tmp_path, make(ViewPosition="AP", SeriesDescription="Chest AP and decubitus"))


@pytest.mark.parametrize("text", ["5 ML contrast", "XR LL", "Thorax seit 3 Tagen", ""])
def test_two_letters_in_the_description_of_a_study_are_no_view(tmp_path: Path, text: str) -> None:
    assert not is_refused(tmp_path, make(ViewPosition="", StudyDescription=text))
    assert is_refused(tmp_path, make(ViewPosition="", StudyDescription=f"{text} chest lateral"))
