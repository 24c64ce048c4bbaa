"""Laws of files that are no images read here: the refusal says what they are and what to do."""

import gzip
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.decode import read_image, read_mask

GREY = (np.mgrid[0:40, 0:40].sum(axis=0) * 3).astype(np.uint8)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (imagecodecs.jpeg2k_encode(GREY), "JPEG 2000.*convert it to PNG"),
        (b"\0\0\0\x1cftypavif" + bytes(40), "AVIF.*convert it"),
        (gzip.compress(b"x" * 99, mtime=0), "packed with gzip.*unpack"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS.*git lfs pull"),
        (b"\n<!doctype html><html>", "a page of the web.*download"),
        (b"\x5c\x01\0\0" + bytes(400), "NIfTI.*a mask as PNG"),
        (b"\x93NUMPY" + bytes(99), "NumPy.*PNG"),
        (b"II*\0" + b"\xff" * 60, "TIFF"),
        (b"who knows" * 9, "not an image that can be read.*give PNG"),
    ],
)
@pytest.mark.parametrize("read", [read_image, read_mask])
def test_a_foreign_file_is_named_with_its_remedy(tmp_path: Path, data: bytes, words: str, read: type) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(ImageError, match=rf"a\.png.*{words}") as caught:
        read(tmp_path / "a.png")
    assert caught.value.kind == "not_an_image"


@pytest.mark.parametrize("kind", [np.int8, np.int16])
def test_pixels_below_0_are_refused_and_signed_ones_above_are_read(tmp_path: Path, kind: type) -> None:
    tifffile.imwrite(tmp_path / "a.tif", (GREY // 2).astype(kind) - kind(60))
    with pytest.raises(ImageError, match="pixels below 0") as caught:
        read_image(tmp_path / "a.tif")
    assert caught.value.kind == "unsupported"
    tifffile.imwrite(tmp_path / "a.tif", (GREY // 2).astype(kind))
    assert np.array_equal(read_image(tmp_path / "a.tif"), GREY // 2)
