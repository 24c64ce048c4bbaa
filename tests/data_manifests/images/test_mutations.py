"""The bad-input drill: whatever a file holds, it decodes or is refused as an ImageError with a kind."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless, generate_uid

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.decode import read_image

MUTANTS = 1000
KINDS = {
    "colour",
    "empty_file",
    "lateral_view",
    "missing",
    "multi_frame",
    "no_contrast",
    "no_pixels",
    "not_an_image",
    "other_body_part",
    "too_large",
    "too_small",
    "truncated",
    "uneven_pixels",
    "unreadable",
    "unsupported",
    "wrong_modality",
}


def picture_bytes(pixels: np.ndarray, form: str) -> bytes:
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, format=form)
    return buffer.getvalue()


def dicom_bytes(pixels: np.ndarray, syntax: str = "") -> bytes:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = (
        "1.2.840.10008.5.1.4.1.1.1.1",
        generate_uid(),
    )
    dataset = Dataset()
    dataset.file_meta, dataset.Modality, dataset.PhotometricInterpretation = meta, "DX", "MONOCHROME2"
    dataset.SOPClassUID, dataset.SOPInstanceUID = (
        meta.MediaStorageSOPClassUID,
        meta.MediaStorageSOPInstanceUID,
    )
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.SamplesPerPixel, dataset.PixelRepresentation = 1, 0
    dataset.WindowCenter, dataset.WindowWidth = 2000, 3000
    dataset.PixelData = pixels.tobytes()
    if syntax:
        dataset.compress(syntax, generate_instance_uid=False)
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def bomb(png: bytes) -> bytes:
    """Let a PNG claim 20,000 x 20,000 pixels."""
    chunk = b"IHDR" + struct.pack(">II", 20_000, 20_000) + png[24:29]
    return png[:12] + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[33:]


def seeds() -> dict[str, bytes]:
    rng = np.random.default_rng(0)
    grey = np.kron(rng.integers(0, 256, (6, 6), dtype=np.uint8), np.ones((8, 8), dtype=np.uint8))
    deep = grey.astype(np.uint16) * 16
    whole = {
        "a.png": picture_bytes(grey, "PNG"),
        "deep.png": picture_bytes(deep, "PNG"),
        "a.jpg": picture_bytes(grey, "JPEG"),
        "colour.jpg": picture_bytes(np.stack([grey] * 3, axis=-1), "JPEG"),
        "a.tif": picture_bytes(grey, "TIFF"),
        "deep.tif": picture_bytes(deep, "TIFF"),
        "a.bmp": picture_bytes(grey, "BMP"),
        "a.gif": picture_bytes(grey, "GIF"),
        "a.dcm": dicom_bytes(deep),
        "rle.dcm": dicom_bytes(deep, RLELossless),
        "j2k.dcm": dicom_bytes(deep, JPEG2000Lossless),
        "jls.dcm": dicom_bytes(deep, JPEGLSLossless),
    }
    fixed = {
        "empty.png": b"",
        "text.png": b"this is no image\n" * 30,
        "zeros.png": bytes(500),
        "zeros.dcm": bytes(500),
        "text.dcm": b"patient;name\n" * 40,
        "bomb.png": bomb(whole["a.png"]),
        "one.png": picture_bytes(grey[:1, :1], "PNG"),
        "no_pixels.dcm": whole["a.dcm"][: whole["a.dcm"].rindex(b"\xe0\x7f\x10\x00")],
    }
    return whole | fixed


def mutants(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield files: cut short, bits flipped, ranges zeroed, doubled or swapped between formats; all seeded."""
    rng = np.random.default_rng(7)
    whole = seeds()
    yield from whole.items()
    names = sorted(whole)
    for index in range(count - len(whole)):
        name = names[index % len(names)]
        data = bytearray(whole[name] or b"\0")
        action = int(rng.integers(5))
        at = int(rng.integers(len(data))) if rng.random() < 0.5 else int(rng.integers(min(len(data), 400)))
        if action == 0:
            data = data[:at]
        elif action == 1:
            for place in rng.integers(0, min(len(data), 600), int(rng.integers(1, 8))):
                data[place] ^= 1 << int(rng.integers(8))
        elif action == 2:
            data[at : at + 16] = bytes(16)
        elif action == 3:
            data[at:at] = data[at : at + int(rng.integers(1, 64))]
        else:
            other = whole[names[int(rng.integers(len(names)))]]
            data = data[:at] + other[at:]
        suffix = names[int(rng.integers(len(names)))] if rng.random() < 0.2 else name
        yield suffix, bytes(data)


def outcome(path: Path) -> str:
    """Return ok or the kind of refusal; any other exception passes."""
    try:
        image = read_image(path)
    except ImageError as error:
        return error.kind if path.name in str(error) else f"does not name its file: {error}"
    assert image.dtype == np.uint8
    assert image.ndim == 2
    return "ok"


def test_the_seeds_of_the_drill_decode(tmp_path: Path) -> None:
    for name, data in list(seeds().items())[:12]:
        (tmp_path / name).write_bytes(data)
        assert outcome(tmp_path / name) == "ok", name


def test_a_thousand_mutants_decode_or_are_refused_by_kind(tmp_path: Path) -> None:
    outcomes: Counter[str] = Counter()
    for number, (name, data) in enumerate(mutants(MUTANTS)):
        path = tmp_path / f"{number}_{name}"
        path.write_bytes(data)
        outcomes[outcome(path)] += 1
    assert outcomes.total() == MUTANTS
    assert set(outcomes) <= KINDS | {"ok"}
    assert {
        "ok",
        "truncated",
        "not_an_image",
        "unreadable",
        "empty_file",
        "no_pixels",
        "too_large",
        "too_small",
    } <= set(outcomes)


@pytest.mark.parametrize("suffix", ["png", "dcm"])
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400))
def test_arbitrary_bytes_decode_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("bytes") / f"a.{suffix}"
    path.write_bytes(data)
    assert outcome(path) in KINDS | {"ok"}
