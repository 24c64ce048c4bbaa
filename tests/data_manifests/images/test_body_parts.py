"""Laws of telling the chest from other parts of the body, and square pixels from others, by a DICOM header."""

from pathlib import Path
from typing import Any

import pytest

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.body_parts import other_body_part
from artasyn.data_manifests.images.decode import read_image
from tests.data_manifests.images.radiographs import make, save


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("HAND", "hand"),
        ("Left knee", "knee"),
        ("FEET", "foot"),
        ("shoulders", "shoulder"),
        ("L SPINE", "spine"),
        ("TSPINE", "tspine"),
    ],
)
def test_another_part_is_named(text: str, part: str) -> None:
    assert other_body_part(text) == part


@pytest.mark.parametrize(
    "text", ["CHEST", "Thorax", "TORAX PA", "CHEST/ABDOMEN", "LUNG", "RIB", "PORT CHEST", "", "T", "HANDHELD"]
)
def test_a_chest_and_what_says_nothing_are_left_alone(text: str) -> None:
    assert other_body_part(text) is None


@pytest.mark.parametrize("part", ["HAND", "ABDOMEN"])
def test_an_image_of_another_part_is_refused(tmp_path: Path, part: str) -> None:
    with pytest.raises(ImageError, match=part.lower()) as caught:
        read_image(save(make(BodyPartExamined=part), tmp_path / "a.dcm"))
    assert caught.value.kind == "other_body_part"


@pytest.mark.parametrize(
    "elements",
    [{"PixelSpacing": [0.2, 0.1]}, {"ImagerPixelSpacing": [0.1, 0.2]}, {"PixelAspectRatio": [2, 1]}],
)
def test_pixels_that_are_not_square_are_refused(tmp_path: Path, elements: dict[str, Any]) -> None:
    with pytest.raises(ImageError, match="2") as caught:
        read_image(save(make(**elements), tmp_path / "a.dcm"))
    assert caught.value.kind == "uneven_pixels"


@pytest.mark.parametrize(
    "elements",
    [
        {"PixelSpacing": [0.143, 0.144]},
        {"PixelAspectRatio": [1, 1]},
        {"PixelSpacing": [0.0, 0.1]},
        {"BodyPartExamined": "CHEST"},
    ],
)
def test_square_pixels_and_numbers_that_say_nothing_are_read(
    tmp_path: Path, elements: dict[str, Any]
) -> None:
    assert read_image(save(make(**elements), tmp_path / "a.dcm")).shape == (64, 48)


@pytest.mark.parametrize("element", ["SeriesDescription", "ProtocolName"])
@pytest.mark.parametrize(
    "text", ["ABDOMEN AP", "Knee lat.", "hand pa", "C SPINE", "Skull", "Left shoulder 2 views"]
)
def test_the_name_of_a_series_tells_where_no_body_part_is_named(
    tmp_path: Path, element: str, text: str
) -> None:
    named = make(**{element: text})
    with pytest.raises(ImageError, match=f"correct {element}") as caught:
        read_image(save(named, tmp_path / "a.dcm"))
    assert caught.value.kind == "other_body_part"
    named.BodyPartExamined = "CHEST"
    named.ViewPosition, named.SeriesDescription, named.ProtocolName = "PA", text.replace("lat.", ""), ""
    assert read_image(save(named, tmp_path / "a.dcm")).shape == (64, 48)


@pytest.mark.parametrize(
    "text", ["AP, head raised", "Chest AP arm down", "Thorax", "RIB", "hand-held device", ""]
)
def test_a_part_named_beside_other_words_says_nothing(tmp_path: Path, text: str) -> None:
    assert read_image(save(make(SeriesDescription=text), tmp_path / "a.dcm")).shape == (64, 48)
