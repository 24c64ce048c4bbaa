"""Laws of reading DICOM, on data sets made here: grey values as viewers show them (windows against pydicom as an
oracle), and by name what is no frontal grey radiograph."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_voi_lut
from pydicom.sequence import Sequence
from pydicom.uid import (
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
)

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.decode import read_image
from tests.data_manifests.images.radiographs import RAMP, make, save


def test_without_a_window_the_image_spans_black_to_white(tmp_path: Path) -> None:
    image = read_image(save(make(RAMP // 2 + 100), tmp_path / "a.dcm"))
    assert image.dtype == np.uint8
    assert (image.min(), image.max()) == (0, 255)
    assert (np.diff(image.ravel().astype(int)) >= 0).all()


def test_8_stored_bits_are_taken_as_they_are(tmp_path: Path) -> None:
    pixels = (RAMP // 32 + 40).astype(np.uint8)
    assert np.array_equal(read_image(save(make(pixels, BitsStored=8, HighBit=7), tmp_path / "a.dcm")), pixels)


def test_monochrome1_is_the_negative(tmp_path: Path) -> None:
    light = read_image(save(make(WindowCenter=2000, WindowWidth=3000), tmp_path / "a.dcm"))
    dark = make(WindowCenter=2000, WindowWidth=3000, PhotometricInterpretation="MONOCHROME1")
    assert (
        np.abs(read_image(save(dark, tmp_path / "b.dcm")).astype(int) - (255 - light.astype(int))).max() <= 1
    )


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("window", [(2000, 3000), (1000.5, 1000), ([1500, 1], [900, 1])])
def test_windows_agree_with_pydicom(tmp_path: Path, function: str, window: tuple[Any, Any]) -> None:
    dataset = make(WindowCenter=window[0], WindowWidth=window[1], VOILUTFunction=function)
    oracle = apply_voi_lut(RAMP, dataset) / 4095.0
    image = read_image(save(dataset, tmp_path / "a.dcm"))
    assert np.abs(image / 255.0 - oracle).max() <= 0.5 / 255 + 1e-9


def test_rescale_comes_before_the_window(tmp_path: Path) -> None:
    plain = read_image(save(make(WindowCenter=2000, WindowWidth=1000), tmp_path / "a.dcm"))
    rescaled = make(WindowCenter=3000, WindowWidth=2000, RescaleSlope=2, RescaleIntercept=-1000)
    assert np.abs(read_image(save(rescaled, tmp_path / "b.dcm")).astype(int) - plain).max() <= 1


@pytest.mark.parametrize("width", [1, 2])
def test_a_window_that_leaves_black_and_white_alone_is_left_out(tmp_path: Path, width: int) -> None:
    image = read_image(save(make(WindowCenter=2000, WindowWidth=width), tmp_path / "a.dcm"))
    assert np.array_equal(image, read_image(save(make(), tmp_path / "b.dcm")))


def test_a_lookup_table_wins_over_the_window(tmp_path: Path) -> None:
    table = Dataset()
    table.LUTDescriptor = [4096, 0, 16]
    table.LUTData = np.linspace(65535, 0, 4096).astype("<u2").tobytes()
    dataset = make(WindowCenter=2000, WindowWidth=10)
    dataset.VOILUTSequence = Sequence([table])
    image = read_image(save(dataset, tmp_path / "a.dcm"))
    assert np.abs(image - (255 - RAMP / 4095 * 255)).max() <= 1


def test_padding_is_black_and_does_not_stretch_the_image(tmp_path: Path) -> None:
    pixels = (RAMP // 8 + 1000).astype(np.uint16)
    pixels[:, :5] = 4095
    image = read_image(save(make(pixels, PixelPaddingValue=4095), tmp_path / "a.dcm"))
    assert not image[:, :5].any()
    assert image[:, 5:].max() == 255


def test_signed_values_are_read(tmp_path: Path) -> None:
    signed = (RAMP.astype(np.int16) - 2048).astype(np.int16)
    assert np.array_equal(
        read_image(save(make(signed), tmp_path / "a.dcm")), read_image(save(make(), tmp_path / "b.dcm"))
    )


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_uncompressed_transfer_syntaxes_give_the_same_image(tmp_path: Path, syntax: str) -> None:
    dataset = make(RAMP.byteswap() if syntax == ExplicitVRBigEndian else RAMP)
    dataset["PixelData"].VR = "OW"
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(
        tmp_path / "a.dcm",
        implicit_vr=syntax == ImplicitVRLittleEndian,
        little_endian=syntax != ExplicitVRBigEndian,
        enforce_file_format=True,
    )
    assert np.array_equal(read_image(tmp_path / "a.dcm"), read_image(save(make(), tmp_path / "b.dcm")))


def test_a_file_without_preamble_is_read_by_its_name(tmp_path: Path) -> None:
    whole = save(make(), tmp_path / "a.dcm").read_bytes()
    (tmp_path / "b.dcm").write_bytes(whole[132:])
    assert np.array_equal(read_image(tmp_path / "b.dcm"), read_image(tmp_path / "a.dcm"))


def test_a_bare_data_set_without_any_header_is_read(tmp_path: Path) -> None:
    dataset = make()
    del dataset.file_meta
    dataset.save_as(tmp_path / "b.dcm", implicit_vr=True, little_endian=True)
    assert np.array_equal(read_image(tmp_path / "b.dcm"), read_image(save(make(), tmp_path / "a.dcm")))


def test_letters_in_the_file_count_more_than_its_name(tmp_path: Path) -> None:
    save(make(), tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").shape == (64, 48)


def code(meaning: str) -> Sequence:
    item = Dataset()
    item.CodeMeaning = meaning
    return Sequence([item])


REFUSED = {
    "wrong_modality": {"Modality": "CT"},
    "lateral_view": {"ViewPosition": "LL"},
    "multi_frame": {"NumberOfFrames": 3},
    "colour": {"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3},
    "no_pixels": {"PixelData": b""},
    "unsupported": {"BitsAllocated": 32, "BitsStored": 32},
    "too_large": {"Rows": 20000, "Columns": 20000},
    "too_small": {"Rows": 1, "Columns": 1},
    "truncated": {"Rows": 640},
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_frontal_grey_radiograph_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ImageError, match=r"a\.dcm") as caught:
        read_image(save(make(**REFUSED[kind]), tmp_path / "a.dcm"))
    assert caught.value.kind == kind
    assert "secret" not in str(caught.value).lower()


@pytest.mark.parametrize(
    "elements", [{"SeriesDescription": "Thorax lat."}, {"ViewCodeSequence": code("lateral")}]
)
def test_a_lateral_view_is_known_by_its_description_where_no_position_is_given(
    tmp_path: Path, elements: dict[str, Any]
) -> None:
    with pytest.raises(ImageError) as caught:
        read_image(save(make(ViewPosition="", **elements), tmp_path / "a.dcm"))
    assert caught.value.kind == "lateral_view"


@pytest.mark.parametrize("elements", [{"Modality": ""}, {"Modality": "CR", "ViewPosition": "AP"}])
def test_stripped_headers_and_computed_radiography_are_accepted(
    tmp_path: Path, elements: dict[str, Any]
) -> None:
    assert read_image(save(make(**elements), tmp_path / "a.dcm")).shape == (64, 48)
