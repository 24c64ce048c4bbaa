"""Laws of compressed DICOM: each codec gives the image, or the refusal names it before it is decoded."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    MPEG2MPML,
    DeflatedExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images import dicom_decoders
from artasyn.data_manifests.images.codestreams import coded_size
from artasyn.data_manifests.images.decode import read_image
from tests.data_manifests.images.radiographs import RAMP, make, save


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGLSLossless])
def test_lossless_compression_gives_the_same_image(tmp_path: Path, syntax: str) -> None:
    dataset = make()
    plain = read_image(save(dataset, tmp_path / "a.dcm"))
    dataset.compress(syntax, generate_instance_uid=False)
    assert np.array_equal(read_image(save(dataset, tmp_path / "b.dcm")), plain)


def jpeg(tmp_path: Path, pixels: np.ndarray) -> bytes:
    from PIL import Image

    Image.fromarray(pixels).save(tmp_path / "frame.jpg", quality=95)
    return (tmp_path / "frame.jpg").read_bytes()


def compressed(frame: bytes, syntax: str, pixels: np.ndarray) -> Dataset:
    dataset = make(pixels, BitsStored=8, HighBit=7, PixelData=encapsulate([frame]))
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def test_baseline_jpeg_frames_are_read_as_the_same_jpeg_file(tmp_path: Path) -> None:
    pixels = (RAMP // 16).astype(np.uint8)
    dataset = compressed(jpeg(tmp_path, pixels), JPEGBaseline8Bit, pixels)
    assert np.array_equal(read_image(save(dataset, tmp_path / "a.dcm")), read_image(tmp_path / "frame.jpg"))


@pytest.mark.parametrize("signed", [False, True])
def test_lossless_jpeg_gives_the_same_image(tmp_path: Path, signed: bool) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    dataset = make((RAMP.astype(np.int16) - 2048) if signed else RAMP)
    plain = read_image(save(dataset, tmp_path / "a.dcm"))
    stored = (RAMP.astype(np.int32) - 2048 if signed else RAMP.astype(np.int32)) & 4095
    dataset.PixelData = encapsulate([imagecodecs.ljpeg_encode(stored.astype(np.uint16), bitspersample=12)])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = JPEGLosslessSV1
    assert np.array_equal(read_image(save(dataset, tmp_path / "b.dcm")), plain)


def test_12_bit_jpeg_is_close_to_the_image(tmp_path: Path) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    dataset = make()
    plain = read_image(save(dataset, tmp_path / "a.dcm"))
    dataset.PixelData = encapsulate([imagecodecs.jpeg8_encode(RAMP, level=98, bitspersample=12)])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = JPEGExtended12Bit
    assert np.abs(read_image(save(dataset, tmp_path / "b.dcm")).astype(int) - plain).max() <= 2


def test_a_transfer_syntax_of_video_is_refused(tmp_path: Path) -> None:
    dataset = compressed(b"\0\0\1\xb3", MPEG2MPML, (RAMP // 16).astype(np.uint8))
    with pytest.raises(ImageError, match="no installed decoder") as caught:
        read_image(save(dataset, tmp_path / "a.dcm"))
    assert caught.value.kind == "unsupported"


def test_a_frame_that_claims_another_size_is_refused_before_decoding(tmp_path: Path) -> None:
    pixels = (RAMP // 16).astype(np.uint8)
    frame = bytearray(jpeg(tmp_path, pixels))
    assert coded_size(bytes(frame)) == (64, 48)
    at = frame.index(b"\xff\xc0") + 5
    frame[at : at + 4] = (65000).to_bytes(2) * 2
    dataset = compressed(bytes(frame), JPEGBaseline8Bit, pixels)
    with pytest.raises(ImageError, match="65000 x 65000"):
        read_image(save(dataset, tmp_path / "a.dcm"))


def test_the_size_of_a_jpeg_2000_frame_is_read_from_its_header() -> None:
    dataset = make()
    dataset.compress(JPEG2000Lossless, generate_instance_uid=False)
    start = dataset.PixelData.index(b"\xff\x4f\xff\x51")
    assert coded_size(dataset.PixelData[start:]) == (64, 48)
    assert coded_size(b"\xff\xd8\xff") is None
    assert coded_size(b"anything else") is None


def test_a_deflated_data_set_is_refused_before_it_inflates(tmp_path: Path) -> None:
    dataset = make()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    with pytest.raises(ImageError, match="deflated") as caught:
        read_image(save(dataset, tmp_path / "a.dcm"))
    assert caught.value.kind == "unsupported"


def test_a_missing_decoder_is_named_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dicom_decoders, "imagecodecs", None)
    pixels = (RAMP // 16).astype(np.uint8)
    dataset = compressed(jpeg(tmp_path, pixels), JPEGLosslessSV1, pixels)
    with pytest.raises(ImageError, match=r"install imagecodecs") as caught:
        read_image(save(dataset, tmp_path / "a.dcm"))
    assert caught.value.kind == "unsupported"
