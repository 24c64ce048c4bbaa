"""Laws of decoding: one rule for grey, limits before pixels, every fault an ImageError of a known kind."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artasyn.data_manifests.errors import ConfigError, ImageError
from artasyn.data_manifests.images.decode import Limits, read_image, read_mask
from artasyn.data_manifests.images.geometry import pad_to_square, squeeze_mask_to, squeeze_to
from artasyn.data_manifests.images.grey import to_8_bit


@pytest.fixture
def grey() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (40, 30), dtype=np.uint8)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.bmp", "wrong_extension.jpg.png", "none"])
def test_8_bit_grey_is_taken_as_it_is(tmp_path: Path, grey: np.ndarray, name: str) -> None:
    path = tmp_path / name
    Image.fromarray(grey).save(path, format={".tif": "TIFF", ".bmp": "BMP"}.get(path.suffix, "PNG"))
    assert np.array_equal(read_image(path), grey)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA"])
def test_equal_channels_keep_their_value_and_alpha_is_ignored(
    tmp_path: Path, grey: np.ndarray, mode: str
) -> None:
    picture = Image.fromarray(grey).convert(mode)
    if mode.endswith("A"):
        picture.putalpha(Image.fromarray(255 - grey))
    picture.save(tmp_path / "a.png")
    assert np.array_equal(read_image(tmp_path / "a.png"), grey)


def test_colour_becomes_luma(tmp_path: Path) -> None:
    picture = Image.new("RGB", (20, 20), (200, 100, 50))
    picture.putpixel((9, 9), (0, 0, 0))
    picture.save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png")[0, 0] == round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)


def test_one_bit_and_palette_images_are_read(tmp_path: Path, grey: np.ndarray) -> None:
    Image.fromarray(grey > 127).save(tmp_path / "bits.png")
    assert np.array_equal(read_image(tmp_path / "bits.png"), np.where(grey > 127, 255, 0))
    Image.fromarray(grey).convert("P").save(tmp_path / "palette.png")
    assert np.array_equal(read_image(tmp_path / "palette.png"), grey)


@pytest.mark.parametrize(
    ("bits", "suffix"), [(10, "png"), (12, "png"), (16, "png"), (12, "tif"), (16, "tif")]
)
def test_16_bit_files_are_scaled_by_their_depth(tmp_path: Path, bits: int, suffix: str) -> None:
    full = 2**bits - 1
    deep = np.linspace(0, full, 40 * 30).round().astype(np.uint16).reshape(40, 30)
    Image.fromarray(deep).save(tmp_path / f"a.{suffix}")
    assert np.array_equal(read_image(tmp_path / f"a.{suffix}"), np.rint(deep * 255.0 / full))


def test_to_8_bit_is_the_identity_on_8_bits_and_monotone_on_16() -> None:
    ramp = np.arange(65536, dtype=np.uint16)
    assert np.array_equal(to_8_bit(ramp[:256]), ramp[:256])
    assert (np.diff(to_8_bit(ramp).astype(int)) >= 0).all()
    assert to_8_bit(ramp)[[0, -1]].tolist() == [0, 255]


def test_jsrt_files_are_inverted_big_endian_words(tmp_path: Path) -> None:
    words = np.zeros((2048, 2048), dtype=">u2")
    words[0, :3] = (0, 4095, 2048)
    (tmp_path / "JPCLN001.IMG").write_bytes(words.tobytes())
    assert read_image(tmp_path / "JPCLN001.IMG")[0, :3].tolist() == [255, 0, 127]
    words[0, 0] = 4096
    (tmp_path / "JPCLN002.IMG").write_bytes(words.tobytes())
    with pytest.raises(ImageError, match="more than 12 bits"):
        read_image(tmp_path / "JPCLN002.IMG")


def test_masks_label_images_count_every_label_and_others_cut_at_half(tmp_path: Path) -> None:
    labels = np.zeros((40, 40), dtype=np.uint8)
    labels[:, 10:20], labels[:, 20:30] = 127, 255
    Image.fromarray(labels).save(tmp_path / "labels.png")
    assert np.array_equal(read_mask(tmp_path / "labels.png"), labels > 0)
    Image.fromarray((labels > 0).astype(np.uint8)).save(tmp_path / "ones.png")
    assert np.array_equal(read_mask(tmp_path / "ones.png"), labels > 0)
    soft = np.tile(np.linspace(0, 255, 40).astype(np.uint8), (40, 1))
    Image.fromarray(soft).save(tmp_path / "soft.png")
    assert np.array_equal(read_mask(tmp_path / "soft.png"), soft > 127)


def test_labels_of_16_bits_and_masks_in_alpha_are_kept(tmp_path: Path) -> None:
    labels = np.zeros((40, 40), np.uint16)
    labels[:10], labels[10:20] = 1, 1000
    Image.fromarray(labels).save(tmp_path / "deep.png")
    assert np.array_equal(read_mask(tmp_path / "deep.png"), labels > 0)
    alpha = np.where(labels > 0, 255, 0).astype(np.uint8)
    white = np.full((40, 40, 3), 255, np.uint8)
    Image.fromarray(np.dstack([white, alpha])).save(tmp_path / "alpha.png")
    assert np.array_equal(read_mask(tmp_path / "alpha.png"), labels > 0)
    Image.fromarray(np.dstack([np.repeat(alpha[..., None], 3, 2), np.full_like(alpha, 255)])).save(
        tmp_path / "rgba.png"
    )
    assert np.array_equal(read_mask(tmp_path / "rgba.png"), labels > 0)


@pytest.mark.parametrize("bits", [8, 16])
def test_tiff_whose_white_is_zero_is_inverted_at_any_depth(tmp_path: Path, bits: int) -> None:
    ramp = np.tile(np.linspace(0, 2**bits - 1, 64).astype(f"uint{bits}"), (64, 1))
    Image.fromarray(ramp).save(tmp_path / "plain.tif")
    data, tag = (tmp_path / "plain.tif").read_bytes(), bytes.fromhex("0601 0300 01000000")
    assert data.count(tag + b"\x01\0") == 1
    (tmp_path / "white.tif").write_bytes(data.replace(tag + b"\x01\0", tag + b"\0\0"))
    plain, white = read_image(tmp_path / "plain.tif"), read_image(tmp_path / "white.tif")
    assert np.array_equal(white, 255 - plain)


def test_a_mask_in_jpeg_is_cut_at_half(tmp_path: Path) -> None:
    marked = np.zeros((64, 64), dtype=bool)
    marked[16:48, 16:48] = True
    Image.fromarray(marked.astype(np.uint8) * 255).save(tmp_path / "a.jpg", quality=50)
    assert np.array_equal(read_mask(tmp_path / "a.jpg"), marked)


@pytest.mark.parametrize("size", [8, 30, 64])
def test_squeezing_keeps_a_flat_image_flat_and_a_mask_binary(size: int) -> None:
    assert np.array_equal(squeeze_to(np.full((40, 30), 77, np.uint8), size), np.full((size, size), 77))
    mask = squeeze_mask_to(np.ones((40, 30), dtype=bool), size)
    assert mask.shape == (size, size)
    assert mask.all()


def test_shrinking_by_a_whole_factor_is_the_mean_of_blocks(grey: np.ndarray) -> None:
    image = np.kron(grey[:8, :8], np.ones((4, 4), dtype=np.uint8))
    assert np.array_equal(squeeze_to(image, 8), grey[:8, :8])
    blocks = grey[:32, :16].reshape(16, 2, 16, 1).mean(axis=(1, 3))
    assert np.abs(squeeze_to(grey[:32, :16], 16) - blocks).max() <= 0.5


@pytest.mark.parametrize("shape", [(4, 7), (7, 4), (5, 5)])
def test_padding_centres_on_black_and_keeps_the_pixels(shape: tuple[int, int]) -> None:
    image = np.full(shape, 9, dtype=np.uint8)
    square = pad_to_square(image)
    assert square.shape == (max(shape), max(shape))
    assert square.dtype == np.uint8
    assert square.sum() == image.sum()
    assert np.array_equal(np.flip(square), square) or (square.shape[0] - min(shape)) % 2
    assert pad_to_square(image > 0).dtype == np.bool_


def png_header(width: int, height: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return header + struct.pack(">I", 4096) + b"IDAT" + bytes(100)


FAULTS = {
    "empty_file": b"",
    "not_an_image": b"patient,label\n1,normal\n" * 20,
    "too_large": png_header(20_000, 20_000),
    "too_small": None,
    "truncated": None,
    "multi_frame": None,
    "unsupported": None,
}


@pytest.mark.parametrize("kind", FAULTS)
def test_each_fault_has_its_kind_and_names_the_file(tmp_path: Path, grey: np.ndarray, kind: str) -> None:
    path = tmp_path / "bad.png"
    content = FAULTS[kind]
    if content is not None:
        path.write_bytes(content)
    elif kind == "too_small":
        Image.new("L", (1, 1)).save(path)
    elif kind == "truncated":
        Image.fromarray(grey).save(path)
        path.write_bytes(path.read_bytes()[:-600])
    elif kind == "multi_frame":
        Image.fromarray(grey).save(path, format="TIFF", save_all=True, append_images=[Image.fromarray(grey)])
    else:
        Image.fromarray(grey.astype(np.float32)).save(path, format="TIFF")
    with pytest.raises(ImageError, match=r"bad\.png") as caught:
        read_image(path)
    assert caught.value.kind == kind


def test_a_size_beyond_what_pillow_bears_is_refused_without_a_warning(tmp_path: Path) -> None:
    for side in (10_000, 12_000, 60_000):
        (tmp_path / "bomb.png").write_bytes(png_header(side, side))
        with pytest.raises(ImageError) as caught:
            read_image(tmp_path / "bomb.png")
        assert caught.value.kind == "too_large"
        assert caught.value.remedy


def test_limits_hold_before_decoding_and_are_settable(tmp_path: Path, grey: np.ndarray) -> None:
    Image.fromarray(grey).save(tmp_path / "a.png")
    for limits in (Limits(pixels=1199), Limits(file_bytes=100)):
        with pytest.raises(ImageError, match="limit") as caught:
            read_image(tmp_path / "a.png", limits=limits)
        assert caught.value.kind == "too_large"
    assert read_image(tmp_path / "a.png", limits=Limits(pixels=1200)).shape == (40, 30)
    with pytest.raises(ConfigError, match="at least 1"):
        Limits(pixels=0)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    for path, kind in ((tmp_path / "no.png", "missing"), (tmp_path, "unreadable")):
        with pytest.raises(ImageError) as caught:
            read_image(path)
        assert caught.value.kind == kind


@pytest.mark.radiographs
def test_real_images_and_masks_decode(radiographs: Path) -> None:
    for folder in ("covid_qu_ex", "kermany_hires", "nih_chestxray14", "zhanglab_224"):
        paths = sorted(p for p in (radiographs / folder).rglob("*") if p.suffix in (".png", ".jpeg"))
        for path in paths[:: max(1, len(paths) // 6)]:
            image = read_image(path)
            assert image.dtype == np.uint8
            assert image.std() > 5
    shadows = read_mask(next((radiographs / "kermany_hires" / "lung_masks").iterdir()))
    assert 0.1 < shadows.mean() < 0.6
