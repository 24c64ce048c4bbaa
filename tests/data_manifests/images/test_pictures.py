"""Laws of pictures: upright in every format and compression, 12 and 16 bits in colour as in grey, hot pixels."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.decode import image_shape, read_image, read_mask
from artasyn.data_manifests.images.grey import to_8_bit

ORIENTATION = 274  # the tag, of TIFF and EXIF
STORED = {
    1: lambda image: image,
    2: np.fliplr,
    3: lambda image: np.rot90(image, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda image: np.rot90(image, 1),
    7: lambda image: np.rot90(image, 2).T,
    8: lambda image: np.rot90(image, -1),
}
"""How an upright image lies in the file, by its tag. Source: TIFF 6.0, section 8, Orientation."""

FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "png": ("a.png", {}),
    "png stored": ("a.png", {"compress_level": 0}),
    "jpeg": ("a.jpg", {"quality": 100, "subsampling": 0}),
    "jpeg progressive": ("a.jpg", {"quality": 100, "progressive": True}),
    "webp": ("a.webp", {"quality": 100}),
    "webp lossless": ("a.webp", {"lossless": True}),
    "tiff": ("a.tif", {}),
    "tiff lzw": ("a.tif", {"compression": "tiff_lzw"}),
    "tiff deflate": ("a.tif", {"compression": "tiff_adobe_deflate"}),
    "tiff packbits": ("a.tif", {"compression": "packbits"}),
}
UPRIGHT = np.kron(np.arange(30, 240, 7, dtype=np.uint8).reshape(6, 5), np.ones((8, 8), np.uint8))


def saved(folder: Path, stored: np.ndarray, form: str, orientation: int, mode: str) -> Path:
    name, options = FORMATS[form]
    if name.endswith(".tif"):
        options = {**options, "tiffinfo": {ORIENTATION: orientation}}
    else:
        tags = Image.Exif()
        tags[ORIENTATION] = orientation
        options = {**options, "exif": tags}
    picture = Image.fromarray(np.ascontiguousarray(stored))
    (picture if stored.dtype == np.uint16 else picture.convert(mode)).save(folder / name, **options)
    return folder / name


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("orientation", STORED)
def test_every_orientation_comes_out_upright_in_every_format(
    tmp_path: Path, orientation: int, form: str, mode: str
) -> None:
    path = saved(tmp_path, STORED[orientation](UPRIGHT), form, orientation, mode)
    image = read_image(path)
    assert image.shape == UPRIGHT.shape == image_shape(path)
    lossy = form.startswith("jpeg") or form == "webp"
    assert np.abs(image - UPRIGHT.astype(int)).max() <= (4 if lossy else 0)


def test_the_header_tells_the_shape_of_a_picture_without_its_pixels(tmp_path: Path) -> None:
    path = saved(tmp_path, STORED[6](UPRIGHT), "jpeg", 6, "L")
    cut = path.read_bytes()
    path.write_bytes(cut[: cut.index(b"\xff\xda") + 20])  # the pixels follow the start of scan
    with pytest.raises(ImageError):
        read_image(path)
    assert image_shape(path) == UPRIGHT.shape
    path.write_bytes(cut[:30])
    with pytest.raises(ImageError):
        image_shape(path)


@pytest.mark.parametrize("form", ["png", "tiff", "tiff lzw", "tiff deflate"])
@pytest.mark.parametrize("orientation", STORED)
def test_16_bits_and_masks_come_out_upright_too(tmp_path: Path, orientation: int, form: str) -> None:
    deep = STORED[orientation](UPRIGHT).astype(np.uint16) * 257
    path = saved(tmp_path, deep, form, orientation, "")
    assert np.array_equal(read_image(path), UPRIGHT)
    assert image_shape(path) == UPRIGHT.shape
    marked = STORED[orientation](np.where(UPRIGHT > 150, 255, 0).astype(np.uint8))
    assert np.array_equal(read_mask(saved(tmp_path, marked, form, orientation, "L")), UPRIGHT > 150)


CHANNELS = {"grey": (1, 0), "grey and alpha": (1, 1), "colour": (3, 0), "colour and alpha": (3, 1)}
"""How many channels hold the grey, and how many alpha."""


def in_channels(grey: np.ndarray, channels: str) -> np.ndarray:
    greys, alphas = CHANNELS[channels]
    alpha = np.random.default_rng(0).integers(0, 65536, grey.shape, dtype=np.uint16)
    return np.squeeze(np.dstack([grey] * greys + [alpha] * alphas))


def deep(bits: int) -> np.ndarray:
    full = 2**bits - 1
    return np.rint(np.linspace(0, full, 64 * 48)).astype(np.uint16).reshape(64, 48)


@pytest.mark.parametrize("bits", [12, 16])
@pytest.mark.parametrize("channels", CHANNELS)
def test_deep_png_of_any_channels_is_read_as_grey(tmp_path: Path, channels: str, bits: int) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(in_channels(deep(bits), channels)))
    assert np.array_equal(read_image(tmp_path / "a.png"), to_8_bit(deep(bits)))


@pytest.mark.parametrize("bits", [12, 16])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("photometric", ["minisblack", "rgb"])
def test_deep_tiff_of_any_order_of_bytes_is_read_as_grey(
    tmp_path: Path, bits: int, compression: str | None, order: str, photometric: str
) -> None:
    tifffile = pytest.importorskip("tifffile")
    pixels = in_channels(deep(bits), "colour" if photometric == "rgb" else "grey")
    options = {"photometric": photometric, "compression": compression, "byteorder": order}
    tifffile.imwrite(tmp_path / "a.tif", pixels, **options)
    assert np.array_equal(read_image(tmp_path / "a.tif"), to_8_bit(deep(bits)))


def test_16_bit_colour_becomes_luma(tmp_path: Path) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    pixels = np.random.default_rng(0).integers(0, 65536, (20, 30, 3), dtype=np.uint16)
    (tmp_path / "a.png").write_bytes(imagecodecs.png_encode(pixels))
    luma = pixels @ np.array([0.299, 0.587, 0.114])
    assert np.abs(read_image(tmp_path / "a.png") - luma / 257).max() <= 1


def test_planes_of_16_bits_are_refused(tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    planes = np.stack([deep(12)] * 3)
    tifffile.imwrite(tmp_path / "a.tif", planes, photometric="rgb", planarconfig="separate")
    with pytest.raises(ImageError, match="plane of its own") as caught:
        read_image(tmp_path / "a.tif")
    assert caught.value.kind == "unsupported"


@pytest.mark.parametrize("hot", [4096, 40_000, 65_535])
def test_a_hot_pixel_does_not_darken_the_others(tmp_path: Path, hot: int) -> None:
    pixels = deep(12)
    plain = to_8_bit(pixels)
    pixels[5, 5] = hot
    Image.fromarray(pixels).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    assert image[5, 5] == 255
    image[5, 5] = plain[5, 5]
    assert np.array_equal(image, plain)


def test_cmyk_is_read_as_grey(tmp_path: Path) -> None:
    Image.fromarray(UPRIGHT).convert("CMYK").save(tmp_path / "a.tif")
    assert np.array_equal(read_image(tmp_path / "a.tif"), UPRIGHT)


def heat(share: float) -> np.ndarray:
    """A ramp of grey with blue, green and red over it, as heat maps are drawn."""
    grey = np.tile(np.linspace(20, 220, 90), (90, 1))
    colours = np.array([(0, 0, 255), (0, 255, 0), (255, 0, 0)])[np.arange(90) // 30][:, None]
    return np.rint((1 - share) * grey[..., None] + share * colours).astype(np.uint8)


@pytest.mark.parametrize("form", ["png", "jpeg"])
@pytest.mark.parametrize("share", [0.3, 0.6, 1.0])
def test_a_heat_map_over_a_radiograph_is_refused(tmp_path: Path, share: float, form: str) -> None:
    Image.fromarray(heat(share)).save(tmp_path / f"a.{form}")
    with pytest.raises(ImageError, match="several strong colours") as caught:
        read_image(tmp_path / f"a.{form}")
    assert caught.value.kind == "colour"


@pytest.mark.parametrize("tint", [(1, 0.85, 0.6), (0.5, 0.75, 1), (0.4, 1, 0.5), (1, 1, 1)])
def test_a_tinted_radiograph_and_one_with_letters_drawn_on_it_are_read(
    tmp_path: Path, tint: tuple[float, ...]
) -> None:
    radiograph = heat(0) * np.array(tint)
    radiograph[5:8, 5:50], radiograph[10:13, 5:50] = (255, 0, 0), (0, 255, 0)
    Image.fromarray(radiograph.astype(np.uint8)).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").shape == (90, 90)
