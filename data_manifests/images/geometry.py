"""Bring images, masks and boxes to the square of a store, and maps back."""

from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artasyn.data_manifests.errors import ConfigError

__all__ = ["LARGEST_ASPECT", "Rule", "Squaring", "pad_to_square", "squeeze_mask_to", "squeeze_to"]

Box = tuple[float, float, float, float]
Rule = Literal["squeeze", "pad"]
LARGEST_ASPECT = 1.3
"""Longer to shorter side from which squeezing to a square makes normal images look abnormal."""
Pixel = TypeVar("Pixel", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Squaring:
    """How an image of `shape` (height, width) becomes a square of `size` pixels, and the way back."""

    shape: tuple[int, int]
    size: int
    rule: Rule
    """`squeeze` gives up the proportions; `pad` keeps them, with black borders."""

    def __post_init__(self) -> None:
        """Refuse a rule that there is not."""
        if self.rule not in get_args(Rule):
            raise ConfigError("squaring", f"must be squeeze or pad, got {self.rule!r}")

    @property
    def aspect(self) -> float:
        """Longer to shorter side of the image."""
        return max(self.shape) / min(self.shape)

    def image(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the image (H, W) as a square."""
        return squeeze_to(self._padded(image), self.size)

    def mask(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return a mask (H, W) as a square, by the nearest pixel."""
        return squeeze_mask_to(self._padded(mask), self.size)

    def box(self, box: Box) -> Box:
        """Scale (x, y, width, height) from pixels of the image to pixels of the square."""
        (height, width), (top, left) = self._frame()
        x, y, w, h = box
        scaled = ((x + left) / width, (y + top) / height, w / width, h / height)
        x, y, w, h = (value * self.size for value in scaled)
        return x, y, w, h

    def map_back(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Resize a map (size, size) linearly to the image's own shape; a border is cut off."""
        (height, width), (top, left) = self._frame()
        picture = Image.fromarray(values).resize((width, height), Image.Resampling.BILINEAR)
        return np.asarray(picture, np.float32)[top : top + self.shape[0], left : left + self.shape[1]]

    def _padded(self, image: NDArray[Pixel]) -> NDArray[Pixel]:
        return pad_to_square(image) if self.rule == "pad" else image

    def _frame(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return height and width of what is resized, and the image's first row and column in it."""
        height, width = self.shape
        side = max(height, width)
        if self.rule == "squeeze":
            return (height, width), (0, 0)
        return (side, side), ((side - height) // 2, (side - width) // 2)


def squeeze_to(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Resize to (size, size), giving up the proportions: mean over areas along an axis that shrinks, else linear."""
    height = image.shape[0]
    picture = Image.fromarray(image)
    for target in ((size, height), (size, size)):
        shrinks = target[0] < picture.width or target[1] < picture.height
        picture = picture.resize(target, Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR)
    return np.array(picture)


def squeeze_mask_to(mask: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Resize a mask (H, W) to (size, size) by the nearest pixel."""
    picture = Image.fromarray(mask.astype(np.uint8)).resize((size, size), Image.Resampling.NEAREST)
    return np.array(picture).astype(np.bool_)


def pad_to_square(image: NDArray[Pixel]) -> NDArray[Pixel]:
    """Centre an image or mask (H, W) on a black square of its longer side, keeping the proportions."""
    height, width = image.shape
    side = max(height, width)
    square = np.zeros((side, side), dtype=image.dtype)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = image
    return square
