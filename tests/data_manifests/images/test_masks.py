"""Laws of reading masks: the same lesion, however it was saved, marks the same pixels or is refused in a sentence."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.decode import decode_marks, decode_mask, read_mask
from artasyn.data_manifests.images.mask_labels import class_shares, looks_like_mask

SIDE = 128
Y, X = np.mgrid[0:SIDE, 0:SIDE]
LESION = (X - 40) ** 2 + (Y - 70) ** 2 < 15**2
GRID = X // 4 + 5 * (Y // 4)


def instances(count: int, kind: type[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
    return np.where(LESION, GRID % count + 1, 0).astype(kind)


def colours(mark: tuple[int, int, int], ground: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.where(LESION[..., None], np.array(mark), np.array(ground)).astype(np.uint8)


@pytest.mark.parametrize(
    "pixels",
    [
        *(LESION.astype(np.uint8) * value for value in (1, 2, 255)),
        *(instances(count, np.uint8) for count in (2, 12, 60, 200)),
        *(instances(count, np.uint16) for count in (2, 12, 300)),
        LESION.astype(np.uint16) * 65535,
        *(colours((253, 231, 36), ground) for ground in ((68, 1, 84), (0, 0, 0), (255, 255, 255))),
        *(
            colours(mark, (0, 0, 0))
            for mark in ((255, 0, 0), (0, 0, 128), (20, 60, 20), (1, 0, 0), (0, 2, 1))
        ),
    ],
)
def test_the_same_lesion_marks_the_same_pixels(tmp_path: Path, pixels: NDArray[np.uint8]) -> None:
    Image.fromarray(pixels).save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.png"), LESION)


@pytest.mark.parametrize("palette", [[0, 0, 0, 0, 0, 0], [0, 0, 0, 128, 0, 0], [68, 1, 84, 253, 231, 36]])
def test_a_palette_says_no_more_than_its_labels(tmp_path: Path, palette: list[int]) -> None:
    picture = Image.fromarray(LESION.astype(np.uint8))
    picture.putpalette(palette + [0] * (768 - len(palette)))
    picture.save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.png"), LESION)


@pytest.mark.parametrize("pixels", [LESION.astype(np.uint8) * 255, colours((255, 0, 0), (0, 0, 0))])
def test_soft_edges_and_jpeg_mark_nearly_the_same(tmp_path: Path, pixels: NDArray[np.uint8]) -> None:
    picture = Image.fromarray(pixels)
    picture.save(tmp_path / "mask.jpg", quality=90)
    difference = read_mask(tmp_path / "mask.jpg") ^ LESION
    assert difference.sum() < 0.2 * LESION.sum()
    if pixels.ndim == 2:
        half = picture.resize((SIDE // 2, SIDE // 2), Image.Resampling.BICUBIC)
        half.save(tmp_path / "half.png")
        assert abs(4 * read_mask(tmp_path / "half.png").sum() / LESION.sum() - 1) < 0.05


def test_a_mask_without_background_and_an_overlay_are_refused(tmp_path: Path) -> None:
    radiograph = ((X + Y) * 255 // (2 * SIDE)).astype(np.uint8)
    over = np.where(LESION[..., None], np.array([255, 0, 0]), radiograph[..., None]).astype(np.uint8)
    wild = colours((10, 200, 10), (0, 0, 0)) + (GRID % 7 * 30 + 20).astype(np.uint8)[..., None] // 2
    wild[..., 0] = 255
    for pixels, words in (
        (np.where(LESION, 2, 1).astype(np.uint8), "no background: its 2 values start at 1"),
        (over, "drawn over it"),
        (wild, "no background|drawn over it"),
    ):
        Image.fromarray(pixels).save(tmp_path / "mask.png")
        with pytest.raises(ImageError, match=words) as caught:
            read_mask(tmp_path / "mask.png")
        assert caught.value.kind == "bad_mask"


def test_masks_look_like_masks_and_radiographs_do_not() -> None:
    radiograph = ((X + Y) * 255 // (2 * SIDE)).astype(np.uint8)
    assert looks_like_mask(LESION.astype(np.uint8) * 255)
    assert looks_like_mask(instances(6, np.uint8).astype(np.uint8))
    assert not looks_like_mask(radiograph)


def test_a_radiograph_in_place_of_a_mask_is_refused_and_wide_soft_edges_are_not(tmp_path: Path) -> None:
    radiograph = (X + Y + 8 * np.sin(X / 5)).clip(0, 255).astype(np.uint8)
    mixed = (radiograph * 0.6 + LESION * 90).astype(np.uint8)
    for pixels in (radiograph, mixed, np.repeat(radiograph[..., None], 3, axis=2)):
        Image.fromarray(pixels).save(tmp_path / "mask.png")
        with pytest.raises(ImageError, match="is a radiograph") as caught:
            read_mask(tmp_path / "mask.png")
        assert caught.value.kind == "bad_mask"
    soft = np.clip(127.5 + (40 - np.hypot(X - 64, Y - 64)) * 12, 0, 255).astype(np.uint8)
    Image.fromarray(soft).save(tmp_path / "mask.png")
    assert abs(read_mask(tmp_path / "mask.png").sum() / (np.pi * 40**2) - 1) < 0.05


def test_labels_that_jpeg_has_blurred_are_refused(tmp_path: Path) -> None:
    Image.fromarray(LESION.astype(np.uint8) * 100).save(tmp_path / "mask.jpg")
    with pytest.raises(ImageError, match="stored with loss and its largest value is 1") as caught:
        read_mask(tmp_path / "mask.jpg")
    assert caught.value.kind == "bad_mask"
    Image.fromarray(LESION.astype(np.uint8) * 128).save(tmp_path / "mask.jpg")
    with pytest.raises(ImageError, match="stored with loss and its largest value is 1"):
        read_mask(tmp_path / "mask.jpg")
    Image.fromarray(np.where(LESION, 255, np.where(X > 70, 128, 0)).astype(np.uint8)).save(
        tmp_path / "mask.jpg"
    )
    with pytest.raises(ImageError, match="stored with loss and it has areas of grey"):
        read_mask(tmp_path / "mask.jpg")
    Image.fromarray(np.zeros((SIDE, SIDE), np.uint8)).save(tmp_path / "empty.jpg")
    assert not read_mask(tmp_path / "empty.jpg").any()


CLASSES = np.where(LESION, 3, np.where(X > 90, 2, np.where(X > 60, 1, 0))).astype(np.uint8)


@pytest.mark.parametrize("form", ["grey", "deep", "palette", "rgb"])
def test_the_values_that_are_asked_for_are_marked_alone(tmp_path: Path, form: str) -> None:
    path = tmp_path / "mask.png"
    picture = Image.fromarray(CLASSES.astype(np.uint16) if form == "deep" else CLASSES)
    if form == "palette":
        picture.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255] + [0] * 756)
    (picture.convert("RGB") if form == "rgb" else picture).save(path)
    np.testing.assert_array_equal(decode_marks(path, path.read_bytes()).labels, CLASSES)
    for values in ((3,), (1, 3), (7,)):
        marked = decode_mask(path, path.read_bytes(), values=values)
        np.testing.assert_array_equal(marked, np.isin(CLASSES, values))
    np.testing.assert_array_equal(read_mask(path), CLASSES > 0)


def test_values_of_colours_soft_edges_and_jpeg_cannot_be_chosen(tmp_path: Path) -> None:
    soft = Image.fromarray(LESION.astype(np.uint8) * 255).resize((64, 64), Image.Resampling.BICUBIC)
    Image.fromarray(LESION.astype(np.uint8) * 255).save(tmp_path / "loss.jpg")
    Image.fromarray(colours((255, 0, 0), (0, 0, 0))).save(tmp_path / "colours.png")
    soft.save(tmp_path / "soft.png")
    for name in ("loss.jpg", "colours.png", "soft.png"):
        data = (tmp_path / name).read_bytes()
        assert decode_marks(tmp_path / name, data).labels is None
        with pytest.raises(ImageError, match=r"not a whole number for each class .*--mask-values") as caught:
            decode_mask(tmp_path / name, data, values=(255,))
        assert caught.value.kind == "bad_mask"


def test_a_few_labels_of_some_size_may_be_classes() -> None:
    assert class_shares(CLASSES) == {value: np.mean(value == CLASSES) for value in (1, 2, 3)}
    speck = np.where(LESION, 3, 0)
    speck[:4, :4] = 1  # fewer than a thousandth of the pixels
    assert class_shares(speck) == class_shares(instances(60, np.uint8)) == {}
