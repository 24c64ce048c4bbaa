"""What a rival sees, and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ConfigError
from artasyn.synth.opacities.fields.lungs import Lungs

__all__ = ["Painted", "Scene", "SecondImage", "centred", "draw_centre", "draw_lung_pixel", "square"]

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Slices = tuple[slice, slice]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondImage:
    """Another normal image from which a rival takes pixels."""

    image_id: str
    pixels_sha256: str
    """Of the decoded image, before it is brought to the size of the store."""
    pixels: Grey = field(repr=False)
    """(H, W), of the same shape as the image that is painted on."""


class Scene:
    """An image, its lungs, and a second normal image that is read when it is first asked for."""

    def __init__(
        self,
        image: Grey,
        lungs: Lungs,
        *,
        in_lung: bool,
        read_second: Callable[[], SecondImage] | None = None,
    ) -> None:
        self.image = image
        self.lungs = lungs
        self.in_lung = in_lung
        """Whether centres are drawn in the lungs, instead of as published."""
        self._read_second = read_second

    @cached_property
    def second(self) -> SecondImage:
        """Return the second image. Raises ConfigError where there is none."""
        if self._read_second is None:
            raise ConfigError("kinds", "this kind needs a second normal image", "give `second`")
        return self._read_second()

    @property
    def inside(self) -> Mask:
        """Return where the lungs are, (H, W)."""
        return self.lungs.labels > 0


@dataclass(frozen=True, slots=True)
class Painted:
    """What a rival made of an image; all arrays (H, W)."""

    altered: Grey
    label: NDArray[np.float32]
    """Strength of the anomaly, 0 to 1, by the rival's own rule."""
    mask: Mask
    patch: Mask
    """Where the rival may have changed the image; nothing else is changed."""


def draw_centre(
    scene: Scene, rows: tuple[int, int], columns: tuple[int, int], *, rng: np.random.Generator
) -> tuple[int, int]:
    """Draw (row, column) within half-open ranges, or a pixel of the lungs for a rival in the lungs."""
    if scene.in_lung:
        return draw_lung_pixel(scene, rng=rng)
    return int(rng.integers(*rows)), int(rng.integers(*columns))


def draw_lung_pixel(scene: Scene, *, rng: np.random.Generator) -> tuple[int, int]:
    """Draw (row, column) of any pixel of the lungs."""
    places = np.flatnonzero(scene.inside)
    row, column = divmod(int(places[rng.integers(places.size)]), scene.image.shape[1])
    return row, column


def centred(centre: tuple[int, int], size: tuple[int, int], shape: tuple[int, int]) -> tuple[int, int]:
    """Return the corner (row, column) that centres a box of `size` and keeps it within an image of `shape`."""
    corners = (np.clip(c - n // 2, 0, max(0, s - n)) for c, n, s in zip(centre, size, shape, strict=True))
    row, column = (int(corner) for corner in corners)
    return row, column


def square(centre: tuple[int, int], half: int, shape: tuple[int, int], *, border: int = 0) -> Slices:
    """Return the square of half-width `half` about `centre`, cut `border` pixels before the edge of the image."""
    rows, columns = (
        slice(max(c - half, border), min(c + half, s - border)) for c, s in zip(centre, shape, strict=True)
    )
    return rows, columns
