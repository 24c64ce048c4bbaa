"""Laws of stored bits: HighBit anywhere, foreign bits beyond, more or fewer bytes than the header says."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.decode import read_image
from tests.data_manifests.images.radiographs import RAMP, make, save

WINDOW = {"WindowCenter": 2000, "WindowWidth": 3000}


def picture(folder: Path, dataset: Dataset) -> np.ndarray:
    return read_image(save(dataset, folder / "a.dcm"))


@pytest.mark.parametrize("high", [11, 12, 13, 15])
@pytest.mark.parametrize("elements", [{}, WINDOW])
def test_bits_anywhere_in_the_word_give_one_picture(
    tmp_path: Path, high: int, elements: dict[str, int]
) -> None:
    shifted = make((RAMP << (high - 11)).astype(np.uint16), HighBit=high, **elements)
    assert np.array_equal(picture(tmp_path, shifted), picture(tmp_path, make(**elements)))


def test_signed_bits_at_the_top_of_the_word_give_the_picture(tmp_path: Path) -> None:
    signed = ((RAMP.astype(np.int32) - 2048) << 4).astype(np.int16)
    assert np.array_equal(picture(tmp_path, make(signed, HighBit=15)), picture(tmp_path, make()))


def test_a_high_bit_that_the_values_contradict_is_not_believed(tmp_path: Path) -> None:
    assert np.array_equal(picture(tmp_path, make(HighBit=15)), picture(tmp_path, make()))


@pytest.mark.parametrize("high", [0, 3, 99])
def test_a_high_bit_that_cannot_be_is_not_believed(tmp_path: Path, high: int) -> None:
    assert np.array_equal(picture(tmp_path, make(HighBit=high)), picture(tmp_path, make()))


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGLSLossless])
def test_shifted_bits_are_found_in_compressed_frames_too(tmp_path: Path, syntax: str) -> None:
    dataset = make((RAMP << 4).astype(np.uint16), BitsStored=16, HighBit=15)
    dataset.compress(syntax, generate_instance_uid=False)
    dataset.BitsStored = 12
    assert np.array_equal(picture(tmp_path, dataset), picture(tmp_path, make()))


@pytest.mark.parametrize("high", [11, 15])
@pytest.mark.parametrize("kind", [np.int16, np.uint16])
def test_run_lengths_keep_signs_and_lose_overlays(tmp_path: Path, high: int, kind: type) -> None:
    values = RAMP.astype(np.int32) - (2048 if kind is np.int16 else 0)
    dataset = make((values << (high - 11)).astype(kind), BitsStored=16, HighBit=15)
    if kind is np.uint16 and high == 11:
        dataset.PixelData = (RAMP | np.uint16(0x8000) * (RAMP % 97 == 5)).astype(np.uint16).tobytes()
    dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.BitsStored, dataset.HighBit = 12, high
    assert np.array_equal(picture(tmp_path, dataset), picture(tmp_path, make()))


def test_an_overlay_in_the_bits_beyond_is_cut_off(tmp_path: Path) -> None:
    marked = RAMP.copy()
    marked[20:30, 10:20] |= 0x8000
    assert np.array_equal(picture(tmp_path, make(marked)), picture(tmp_path, make()))


def test_a_picture_that_goes_on_beyond_its_bits_is_refused(tmp_path: Path) -> None:
    deep = (RAMP.astype(np.uint32) * 15).astype(np.uint16)
    with pytest.raises(ImageError, match="more than the 12 bits") as caught:
        picture(tmp_path, make(deep))
    assert caught.value.kind == "unreadable"


def test_zeros_behind_the_pixels_are_padding(tmp_path: Path) -> None:
    padded = make(PixelData=RAMP.tobytes() + bytes(1000))
    assert np.array_equal(picture(tmp_path, padded), picture(tmp_path, make()))


@pytest.mark.parametrize(
    "elements", [{"Rows": 32}, {"Columns": 24}, {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}]
)
def test_more_pixels_than_the_header_says_are_refused(tmp_path: Path, elements: dict[str, int]) -> None:
    with pytest.raises(ImageError, match="bytes of pixels") as caught:
        picture(tmp_path, make(**elements))
    assert caught.value.kind == "unreadable"


def test_pixels_that_are_signed_by_the_header_alone_are_refused(tmp_path: Path) -> None:
    bits = {"BitsStored": 16, "HighBit": 15}
    y, x = np.mgrid[0:64, 0:64]
    wave = np.rint(32767 + 20000 * np.sin(x / 3) * np.cos(y / 5)).astype(np.uint16)
    with pytest.raises(ImageError, match=r"a sign.*PixelRepresentation") as error:
        picture(tmp_path, make(wave, PixelRepresentation=1, **bits))
    assert error.value.kind == "unreadable"
    signed = (wave.astype(np.int32) - 32768).astype(np.int16)
    assert np.array_equal(picture(tmp_path, make(signed, **bits)), picture(tmp_path, make(wave, **bits)))


def test_padding_of_a_signed_image_may_be_written_without_its_sign(tmp_path: Path) -> None:
    padded = RAMP.astype(np.int16)
    padded[:4] = -2000
    bits = {"BitsStored": 16, "HighBit": 15}
    right, wrapped = make(padded, PixelPaddingValue=-2000, **bits), make(padded, **bits)
    wrapped.add_new(0x00280120, "US", 2**16 - 2000)
    assert np.array_equal(picture(tmp_path, wrapped), picture(tmp_path, right))


@pytest.mark.parametrize("term", ["MONOCHROME", "GRAYSCALE"])
def test_a_photometric_term_of_no_standard_is_told_as_such(tmp_path: Path, term: str) -> None:
    with pytest.raises(ImageError, match=r"PhotometricInterpretation.*MONOCHROME1 or MONOCHROME2"):
        picture(tmp_path, make(PhotometricInterpretation=term))


@pytest.mark.parametrize("syntax", ["1.2.840.113619.5.2", "1.2.3.4"])
def test_a_transfer_syntax_of_a_vendor_is_refused_with_what_to_do(tmp_path: Path, syntax: str) -> None:
    path = save(make(), tmp_path / "a.dcm")
    old, new = b"1.2.840.10008.1.2.1\0", syntax.encode().ljust(20, b"\0")
    data = path.read_bytes()
    assert data.count(old) == 1
    path.write_bytes(data.replace(old, new))
    with pytest.raises(ImageError, match=r"transfer syntax.*export it uncompressed") as error:
        read_image(path)
    assert error.value.kind == "unsupported"


def smooth(side: int = 96) -> np.ndarray:
    """Return 12-bit pixels that pass half of the scale again and again, as a chest does."""
    y, x = np.mgrid[0:side, 0:side]
    noise = np.random.default_rng(0).integers(-20, 21, (side, side))
    return np.clip(2048 + 1900 * np.sin(x / 9) * np.cos(y / 11) + noise, 0, 4095).astype(np.uint16)


@pytest.mark.parametrize("bits", [12, 16])
def test_pixels_that_are_unsigned_by_the_header_alone_are_refused(tmp_path: Path, bits: int) -> None:
    pixels = (smooth().astype(np.int32) - 2048).astype(np.int16)
    dataset = make(pixels, BitsStored=bits, HighBit=bits - 1, PixelRepresentation=0)
    with pytest.raises(ImageError, match=r"have no sign, and they have one .*PixelRepresentation") as caught:
        picture(tmp_path, dataset)
    assert caught.value.kind == "unreadable"


def test_white_borders_beside_black_are_no_sign(tmp_path: Path) -> None:
    framed = np.pad(smooth() // 4, 12, constant_values=4095)
    framed[:, 12:20] = 0
    assert picture(tmp_path, make(framed, WindowCenter=512, WindowWidth=1024)).shape == framed.shape


@pytest.mark.parametrize("scale", [1, 16])
def test_bytes_in_the_other_order_are_refused(tmp_path: Path, scale: int) -> None:
    words = (smooth() * scale).astype(np.uint16)
    bits = {"BitsStored": 16, "HighBit": 15}
    with pytest.raises(ImageError, match="bytes of its pixels are in the other order"):
        picture(tmp_path, make(words.byteswap(), **bits))
    assert picture(tmp_path, make(words, **bits)).any()
    assert picture(tmp_path, make((words >> 8 << 8).astype(np.uint16), **bits)).any()
