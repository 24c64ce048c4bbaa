"""Laws of pictures for people: ours may be replaced, whatever their kind; nothing of the user's is."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artasyn.data_manifests.errors import OutputError
from artasyn.data_manifests.outputs import write_single
from artasyn.data_manifests.picture_files import encode_picture, write_picture

PIXELS = np.random.default_rng(0).integers(0, 256, (90, 70, 3)).astype(np.uint8)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".jpeg", ".tif", ".TIFF"])
def test_ours_is_known_again_by_its_mark(suffix: str, tmp_path: Path) -> None:
    picture = tmp_path / "deep" / f"a{suffix}"
    for pixels in (PIXELS, 255 - PIXELS):
        write_picture(picture, pixels, force=False)
        with Image.open(picture) as image:
            assert image.size == (70, 90)
    Image.fromarray(PIXELS).save(picture)
    before = picture.read_bytes()
    with pytest.raises(OutputError, match="was not written by this command"):
        write_picture(picture, 255 - PIXELS, force=False)
    assert picture.read_bytes() == before
    write_picture(picture, PIXELS, force=True)


def test_pixels_are_kept() -> None:
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(encode_picture(PIXELS)))), PIXELS)


def test_the_same_bytes_may_be_written_again_and_others_not(tmp_path: Path) -> None:
    table = tmp_path / "left_out.csv"
    for _ in range(2):
        write_single(table, b"a,b\n", force=False)
    with pytest.raises(OutputError):
        write_single(table, b"a,c\n", force=False)
    assert table.read_bytes() == b"a,b\n"
