"""SynTumor in two dimensions: textured ellipses that brighten the lungs.

Hu et al., Label-Free Liver Tumor Segmentation, CVPR 2023: made for tumours in CT of the liver; flat and brightening
here.
"""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom

from artasyn.synth.opacities.fields.noise import blur
from artasyn.synth.opacities.rivals.scene import Painted, Scene
from artasyn.synth.seeds import generator

__all__ = ["SynTumorParams", "draw_syn_tumor", "render_syn_tumor"]

Name = Literal["tiny", "small", "medium", "large"]
SIZES: dict[Name, tuple[tuple[int, int], int, tuple[float, float]]] = {
    "tiny": ((3, 10), 4, (0.5, 1)),
    "small": ((3, 10), 8, (1, 2)),
    "medium": ((2, 5), 16, (3, 6)),
    "large": ((1, 3), 32, (5, 10)),
}
"""Number of ellipses, radius and elastic deformation (standard deviation at 3 x 3 points), in pixels."""
TYPES: tuple[tuple[Name, ...], ...] = (("tiny",), ("small",), ("medium",), ("large",), tuple(SIZES))
RISE = (65 / 400 * 255, 145 / 400 * 255)
"""Grey values: of 65 to 145 Hounsfield units in a window of 400."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipse:
    """Centre and radii in pixels, and the deformation of its box."""

    row: int
    column: int
    radii: tuple[int, int]
    deformation: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SynTumorParams:
    """The ellipses, their texture, and how bright they are."""

    ellipses: tuple[Ellipse, ...]
    grain: float
    """Blur of the noise that the texture is drawn from, in pixels."""
    smoothing: float
    level: float
    """Mean of the texture."""
    contrast: float
    base: float
    edge: float
    """Blur of the borders, in pixels."""
    rise: float
    """Grey values at a texture of 1."""
    seed: int


def draw_syn_tumor(scene: Scene, *, rng: np.random.Generator) -> SynTumorParams:
    """Draw a type (tiny, small, medium, large or all of them), its ellipses, texture and brightness."""
    kernel = np.ones((5, 5), np.uint8)
    core = cv2.erode(scene.inside.astype(np.uint8), kernel).ravel()
    places = np.flatnonzero(core if core.any() else scene.inside)
    chosen = TYPES[int(rng.integers(len(TYPES)))]
    return SynTumorParams(
        ellipses=tuple(
            _draw_ellipse(name, places, scene, rng=rng)
            for name in chosen
            for _ in range(int(rng.integers(SIZES[name][0][0], SIZES[name][0][1] + 1)))
        ),
        grain=float(rng.choice([3, 6, 9, 12, 15])),
        smoothing=float(rng.choice([4, 7])),
        level=float(rng.uniform(0.5, 0.55)),
        contrast=float(rng.uniform(0.19, 0.21)),
        base=float(rng.uniform(0.04, 0.06)),
        edge=float(rng.uniform(1, 2)),
        rise=float(rng.uniform(*RISE)),
        seed=int(rng.integers(2**31)),
    )


def render_syn_tumor(params: SynTumorParams, scene: Scene) -> Painted:
    """Add the texture within the ellipses, cut to the lungs, with softened borders."""
    unit = scene.lungs.unit
    mask = np.zeros(scene.image.shape, np.bool_)
    for ellipse in params.ellipses:
        _stamp_(mask, ellipse, unit)
    mask &= scene.inside
    label = _texture(params, scene) * blur(mask.astype(np.float32), params.edge * unit)
    altered = np.clip(np.rint(scene.image + np.float32(params.rise) * label), 0, 255).astype(np.uint8)
    return Painted(altered, np.clip(label, 0, 1), mask, label > 0)


def _draw_ellipse(
    name: Name, places: NDArray[np.int64], scene: Scene, *, rng: np.random.Generator
) -> Ellipse:
    _, radius, (low, high) = SIZES[name]
    row, column = divmod(int(places[rng.integers(places.size)]), scene.image.shape[1])
    radii = rng.integers(int(0.75 * radius), int(1.25 * radius) + 1, 2)
    down, across = (max(1, round(int(r) * scene.lungs.unit)) for r in radii)
    return Ellipse(
        row=row,
        column=column,
        radii=(down, across),
        deformation=float(rng.uniform(low, high)),
        seed=int(rng.integers(2**31)),
    )


def _stamp_(mask: NDArray[np.bool_], ellipse: Ellipse, unit: float) -> None:
    """Change `mask` in place: add an ellipse whose box, four radii wide, was bent elastically."""
    down, across = ellipse.radii
    rows, columns = np.mgrid[-2 * down : 2 * down + 1, -2 * across : 2 * across + 1].astype(np.float64)
    rng = generator(ellipse.seed, "", 0, stage="elastic")
    shifts = rng.normal(0, ellipse.deformation * unit, (2, 3, 3))
    factor = rows.shape[0] / 3, rows.shape[1] / 3
    bent = [zoom(shift, factor, order=3, grid_mode=True, mode="nearest") for shift in shifts]
    inside = ((rows + bent[0]) / down) ** 2 + ((columns + bent[1]) / across) ** 2 <= 1
    corner = np.array([ellipse.row - 2 * down, ellipse.column - 2 * across])
    places = np.argwhere(inside) + corner
    places = places[((places >= 0) & (places < mask.shape)).all(axis=1)]
    mask[places[:, 0], places[:, 1]] = True


def _texture(params: SynTumorParams, scene: Scene) -> NDArray[np.float32]:
    """Return dots drawn with a slowly varying probability, blurred and scaled to a mean `level`, 0 to 1."""
    rng, unit = generator(params.seed, "", 0, stage="texture"), scene.lungs.unit
    slow = blur(rng.random(scene.image.shape, np.float32), params.grain * unit)
    chance = params.contrast * (slow - slow.min()) / max(float(np.ptp(slow)), 1e-6) + params.base
    dots = rng.random(scene.image.shape, np.float32) < chance
    smooth = blur(dots.astype(np.float32), params.smoothing * unit)
    high = smooth > 0.12
    mean = float(smooth[high].mean()) if high.any() else 0.12
    return np.asarray(np.clip(np.float32(params.level / mean) * smooth, 0, 1), np.float32)
