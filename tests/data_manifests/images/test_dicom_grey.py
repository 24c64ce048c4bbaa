"""Laws of windows, rescales and inversion as devices write them: what means nothing is left out, as viewers do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_voi_lut
from pydicom.uid import RLELossless

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.decode import read_image
from tests.data_manifests.images.radiographs import RAMP, make, save

pytestmark = pytest.mark.filterwarnings("ignore:Invalid value for VR")

WINDOW = {"WindowCenter": 2000, "WindowWidth": 3000}


def picture(folder: Path, dataset: Dataset) -> np.ndarray:
    return read_image(save(dataset, folder / "a.dcm"))


def raw(dataset: Dataset, **texts: str) -> Dataset:
    """Write numbers as text that breaks the rules of the standard."""
    for keyword, text in texts.items():
        setattr(dataset, keyword, "1")
        dataset[keyword]._value = text
    return dataset


@pytest.mark.parametrize(("center", "width"), [(0, 0), (2048, 0), (2048, -1), ([0, 2048], [0, 4096])])
@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_a_width_under_one_is_no_window(tmp_path: Path, center: Any, width: Any, function: str) -> None:
    dataset = make(WindowCenter=center, WindowWidth=width, VOILUTFunction=function)
    assert np.array_equal(picture(tmp_path, dataset), picture(tmp_path, make()))


@pytest.mark.parametrize("text", ["NaN", "inf", "-inf", "1e999", "none", ""])
@pytest.mark.parametrize("keyword", ["WindowCenter", "WindowWidth"])
def test_a_window_that_is_no_number_is_no_window(tmp_path: Path, keyword: str, text: str) -> None:
    dataset = raw(make(**WINDOW), **{keyword: text})
    assert np.array_equal(picture(tmp_path, dataset), picture(tmp_path, make()))


@pytest.mark.parametrize("half", [{"WindowCenter": 2000}, {"WindowWidth": 3000}])
def test_half_a_window_is_none(tmp_path: Path, half: dict[str, int]) -> None:
    assert np.array_equal(picture(tmp_path, make(**half)), picture(tmp_path, make()))


def test_a_decimal_comma_is_read(tmp_path: Path) -> None:
    comma = raw(make(**WINDOW), WindowCenter="2000,5", WindowWidth="3000,25")
    point = make(WindowCenter=2000.5, WindowWidth=3000.25)
    assert np.array_equal(picture(tmp_path, comma), picture(tmp_path, point))


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("center", [-2000, 10_000])
def test_a_window_that_misses_the_data_is_left_out(tmp_path: Path, center: int, function: str) -> None:
    dataset = make(WindowCenter=center, WindowWidth=3000, VOILUTFunction=function)
    assert np.array_equal(picture(tmp_path, dataset), picture(tmp_path, make()))


def test_a_window_that_misses_8_bits_leaves_them_as_they_are(tmp_path: Path) -> None:
    pixels = (RAMP // 32 + 40).astype(np.uint8)
    dataset = make(pixels, BitsStored=8, HighBit=7, WindowCenter=1040, WindowWidth=400)
    assert np.array_equal(picture(tmp_path, dataset), pixels)


def test_a_window_that_misses_all_but_the_padding_is_left_out(tmp_path: Path) -> None:
    pixels = np.array(RAMP // 8 + 1000)
    pixels[:, :5] = 0
    padded = make(pixels, PixelPaddingValue=0)
    narrow = make(pixels, PixelPaddingValue=0, WindowCenter=0, WindowWidth=200)
    assert np.array_equal(picture(tmp_path, narrow), picture(tmp_path, padded))


@pytest.mark.parametrize(
    "elements",
    [{}, WINDOW, {"BitsStored": 8, "HighBit": 7}, {"PixelPaddingValue": 100}, {"WindowWidth": 0}],
)
def test_a_picture_of_one_grey_value_is_refused(tmp_path: Path, elements: dict[str, int]) -> None:
    with pytest.raises(ImageError, match="no contrast") as caught:
        picture(tmp_path, make(np.full((64, 48), 100, np.uint16), **elements))
    assert caught.value.kind == "no_contrast"


@pytest.mark.parametrize(
    ("center", "width", "words"),
    [(32768, 65536, "hardly any contrast"), (0, 10**9, "no contrast"), (2000, 400, "black or white")],
)
@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT"])
def test_a_window_far_too_wide_or_narrow_is_refused(
    tmp_path: Path, center: int, width: int, words: str, function: str
) -> None:
    dataset = make(WindowCenter=center, WindowWidth=width, VOILUTFunction=function)
    with pytest.raises(ImageError, match=f"{words}.*correct WindowCenter") as caught:
        picture(tmp_path, dataset)
    assert caught.value.kind == "no_contrast"


@pytest.mark.parametrize("value", [0, 4095])
def test_a_few_hot_or_dead_pixels_leave_the_others_their_scale(tmp_path: Path, value: int) -> None:
    pixels = np.array(np.tile(RAMP // 8 + 2000, (4, 4)))
    plain = picture(tmp_path, make(pixels)).astype(int)
    pixels[5, 5:9] = value
    spoilt = picture(tmp_path, make(pixels)).astype(int)
    assert np.abs(np.delete(spoilt - plain, 5, axis=0)).max() <= 1


@pytest.mark.parametrize("text", ["0", "NaN", "inf", "x"])
def test_a_rescale_that_means_nothing_is_left_out_with_its_window(tmp_path: Path, text: str) -> None:
    dataset = raw(make(**WINDOW, RescaleIntercept=-1000), RescaleSlope=text)
    assert np.array_equal(picture(tmp_path, dataset), picture(tmp_path, make()))


def test_a_negative_slope_is_the_negative(tmp_path: Path) -> None:
    falling = make(RescaleSlope=-1, RescaleIntercept=4095)
    assert np.abs(picture(tmp_path, falling) + picture(tmp_path, make()).astype(int) - 255).max() <= 1


def test_a_rescale_with_decimal_commas_is_read(tmp_path: Path) -> None:
    comma = raw(make(WindowCenter=1000, WindowWidth=500), RescaleSlope="0,5", RescaleIntercept="-0,5")
    point = make(WindowCenter=1000, WindowWidth=500, RescaleSlope=0.5, RescaleIntercept=-0.5)
    assert np.array_equal(picture(tmp_path, comma), picture(tmp_path, point))


@pytest.mark.parametrize("function", ["LINEAR_EXACT", "SIGMOID"])
def test_a_fine_rescale_may_have_a_window_under_one(tmp_path: Path, function: str) -> None:
    scale = {"RescaleSlope": 1 / 4096, "RescaleIntercept": 0, "VOILUTFunction": function}
    dataset = make(WindowCenter=0.5, WindowWidth=0.5, **scale)
    oracle = apply_voi_lut(RAMP / 4096, make(WindowCenter=0.5, WindowWidth=0.5, **scale))
    unit = (oracle - oracle.min()) / (oracle.max() - oracle.min())
    assert np.abs(picture(tmp_path, dataset) / 255 - unit).max() < 0.03


@pytest.mark.parametrize(
    ("photometric", "shape", "inverted"),
    [
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME1", "INVERSE", True),
        ("MONOCHROME1", "", True),
        ("monochrome1", "inverse", True),
        ("monochrome2", "", False),
        ("Monochrome2 ", "Inverse", True),
    ],
)
@pytest.mark.parametrize("elements", [{}, WINDOW])
def test_either_element_inverts_in_any_case_of_letters(
    tmp_path: Path, photometric: str, shape: str, inverted: bool, elements: dict[str, int]
) -> None:
    plain = picture(tmp_path, make(**elements)).astype(int)
    dataset = make(PhotometricInterpretation=photometric, PresentationLUTShape=shape, **elements)
    assert np.abs(picture(tmp_path, dataset) - (255 - plain if inverted else plain)).max() <= 1


def test_lower_case_photometric_is_read_from_compressed_files_too(tmp_path: Path) -> None:
    dataset = make()
    dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.PhotometricInterpretation = "monochrome2"
    assert np.array_equal(picture(tmp_path, dataset), picture(tmp_path, make()))


def test_a_picture_without_contrast_between_white_borders_is_refused(tmp_path: Path) -> None:
    framed = np.pad(RAMP, 3, constant_values=65535)
    with pytest.raises(ImageError, match="hardly any contrast"):
        picture(tmp_path, make(framed, BitsStored=16, HighBit=15))
    assert picture(tmp_path, make(framed, BitsStored=16, HighBit=15, PixelPaddingValue=65535)).max() == 255
