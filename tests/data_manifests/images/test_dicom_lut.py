"""Laws of look-up tables: whatever their bits, packing, type and first value, one table gives one picture."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.decode import read_image
from tests.data_manifests.images.radiographs import RAMP, make, save

CURVE = np.rint(65535 * (np.arange(4096) / 4095) ** 2).astype("<u2")
"""A table that is no straight line, so that a table left out shows."""


def table(descriptor: Any, data: Any, *, vr: str = "OW", first_vr: str = "US") -> Sequence:
    item = Dataset()
    item.LUTDescriptor = descriptor
    item["LUTDescriptor"].VR = first_vr
    item.LUTData = data
    item["LUTData"].VR = vr
    return Sequence([item])


def picture(folder: Path, dataset: Dataset) -> np.ndarray:
    return read_image(save(dataset, folder / "a.dcm"))


def reference() -> np.ndarray:
    return np.rint(CURVE[RAMP] / 257.0)


BYTES = (CURVE >> 8).astype(np.uint8)
LONG = np.concatenate([CURVE, np.full(65536 - 4096, 65535, "<u2")])
VOI = {
    "16 bits": (RAMP, table([4096, 0, 16], CURVE.tobytes())),
    "12 bits": (RAMP, table([4096, 0, 12], (CURVE >> 4).tobytes())),
    "10 bits": (RAMP, table([4096, 0, 10], (CURVE >> 6).tobytes())),
    "8 bits packed": (RAMP, table([4096, 0, 8], BYTES.tobytes())),
    "8 bits in words": (RAMP, table([4096, 0, 8], BYTES.astype("<u2").tobytes())),
    "says 16, fills 12": (RAMP, table([4096, 0, 16], (CURVE >> 4).tobytes())),
    "65,536 entries": (RAMP, table([0, 0, 16], LONG.tobytes())),
    "numbers": (RAMP, table([4096, 0, 16], [int(v) for v in CURVE], vr="US")),
    "first value": ((RAMP + 500).astype(np.uint16), table([4096, 500, 16], CURVE.tobytes())),
    "signed": (
        (RAMP.astype(np.int16) - 2048).astype(np.int16),
        table([4096, -2048, 16], CURVE.tobytes(), first_vr="SS"),
    ),
    "signed, first value wrapped": (
        (RAMP.astype(np.int16) - 2048).astype(np.int16),
        table([4096, 65536 - 2048, 16], CURVE.tobytes()),
    ),
}


@pytest.mark.parametrize("name", VOI)
def test_every_voi_table_gives_one_picture(tmp_path: Path, name: str) -> None:
    pixels, lut = VOI[name]
    dataset = make(pixels, BitsStored=16, HighBit=15, VOILUTSequence=lut)
    assert np.abs(picture(tmp_path, dataset) - reference()).max() <= 2


def test_a_voi_table_comes_after_the_rescale(tmp_path: Path) -> None:
    lut = table([4096, -1024, 16], CURVE.tobytes(), first_vr="SS")
    dataset = make(RescaleSlope=1, RescaleIntercept=-1024, VOILUTSequence=lut)
    assert np.abs(picture(tmp_path, dataset) - reference()).max() <= 1


def test_values_beyond_the_table_take_its_ends(tmp_path: Path) -> None:
    middle = table([2048, 1024, 16], CURVE[1024:3072].tobytes())
    image = picture(tmp_path, make(VOILUTSequence=middle))
    assert len(np.unique(image[RAMP >= 3071])) == len(np.unique(image[RAMP <= 1024])) == 1


def test_monochrome1_with_a_falling_table_is_the_rising_one(tmp_path: Path) -> None:
    falling = table([4096, 0, 16], (65535 - CURVE).astype("<u2").tobytes())
    dataset = make(PhotometricInterpretation="MONOCHROME1", VOILUTSequence=falling)
    assert np.abs(picture(tmp_path, dataset) - reference()).max() <= 1


MODALITY = {
    "16 bits": table([4096, 0, 16], CURVE.tobytes()),
    "12 bits": table([4096, 0, 12], (CURVE >> 4).tobytes()),
    "8 bits packed": table([4096, 0, 8], BYTES.tobytes()),
    "8 bits in words": table([4096, 0, 8], BYTES.astype("<u2").tobytes()),
}


@pytest.mark.parametrize("name", MODALITY)
def test_every_modality_table_gives_one_picture(tmp_path: Path, name: str) -> None:
    assert np.abs(picture(tmp_path, make(ModalityLUTSequence=MODALITY[name])) - reference()).max() <= 2


def test_a_modality_table_comes_before_the_window(tmp_path: Path) -> None:
    same = table([4096, 0, 12], np.arange(4096, dtype="<u2").tobytes())
    window = {"WindowCenter": 2000, "WindowWidth": 1000}
    tabled, plain = make(ModalityLUTSequence=same, **window), make(**window)
    assert np.array_equal(picture(tmp_path, tabled), picture(tmp_path, plain))


def empty() -> Sequence:
    item = Dataset()
    for tag, vr in ((0x00283002, "US"), (0x00283006, "OW")):
        item.add_new(tag, vr, None)
    return Sequence([item])


@pytest.mark.parametrize("keyword", ["ModalityLUTSequence", "VOILUTSequence"])
@pytest.mark.parametrize("item", [empty, Sequence, lambda: Sequence([Dataset()])])
def test_an_empty_item_is_as_if_it_were_absent(tmp_path: Path, keyword: str, item: Any) -> None:
    window = {"WindowCenter": 2000, "WindowWidth": 1000}
    dataset = make(**window, **{keyword: item()})
    assert np.array_equal(picture(tmp_path, dataset), picture(tmp_path, make(**window)))


def test_the_first_item_that_holds_a_table_counts(tmp_path: Path) -> None:
    dataset = make(VOILUTSequence=Sequence([*empty(), *table([4096, 0, 16], CURVE.tobytes())]))
    assert np.abs(picture(tmp_path, dataset) - reference()).max() <= 1


@pytest.mark.parametrize(
    ("keyword", "name"), [("VOILUTSequence", "VOI LUT"), ("ModalityLUTSequence", "modality LUT")]
)
@pytest.mark.parametrize("descriptor", [[4096, 0, 16], [4096, 0]])
def test_a_damaged_table_is_refused_by_its_name(
    tmp_path: Path, keyword: str, name: str, descriptor: list[int]
) -> None:
    with pytest.raises(ImageError, match=name) as caught:
        picture(tmp_path, make(**{keyword: table(descriptor, CURVE[:4000].tobytes())}))
    assert caught.value.kind == "unreadable"


@pytest.mark.parametrize("keyword", ["VOILUTSequence", "ModalityLUTSequence"])
def test_a_table_whose_bytes_are_in_the_other_order_is_refused(tmp_path: Path, keyword: str) -> None:
    entries = np.linspace(0, 65535, 4096).astype("<u2")
    dataset = make(**{keyword: table([4096, 0, 16], entries.byteswap().tobytes())})
    with pytest.raises(ImageError, match="LUT are in the other order than its transfer syntax says"):
        picture(tmp_path, dataset)


def test_a_voi_table_far_too_short_for_the_pixels_is_refused(tmp_path: Path) -> None:
    dataset = make(VOILUTSequence=table([256, 0, 8], np.arange(256, dtype=np.uint8).tobytes()))
    with pytest.raises(
        ImageError, match=r"its VOI LUT makes 9\d % of its pixels black or white .*VOILUTSequence"
    ):
        picture(tmp_path, dataset)


def test_a_presentation_table_comes_last(tmp_path: Path) -> None:
    falling = np.linspace(65535, 0, 4096).astype("<u2").tobytes()
    found = picture(tmp_path, make(PresentationLUTSequence=table([4096, 0, 16], falling)))
    plain = picture(tmp_path, make())
    assert np.abs(255 - plain.astype(int) - found).max() <= 1
