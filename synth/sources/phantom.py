"""Chest phantoms: procedurally drawn radiographs with exact lung truth, so that everything runs with no download.

A phantom is a projection in attenuation: soft tissue, two lungs that take attenuation away, heart, spine, ribs,
clavicles and vessels that add some, then exposure, blur and noise. It looks like a chest to a program, not to a
radiologist.
"""

from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.seeds import generator

__all__ = ["Lesion", "Phantom", "PhantomParams", "draw_phantom", "render_phantom"]

Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesion:
    """A cloud of extra attenuation in one lung."""

    side: int
    """1 the patient's right lung, 2 the left."""
    height: float
    """Place along the lung, 0 apex to 1 base."""
    offset: float
    """Place across the lung, -1 to 1."""
    radius: float
    """In shares of the image side."""
    density: float
    """Attenuation added at the centre, in shares of the soft tissue's."""
    texture_seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhantomParams:
    """What was drawn for one phantom; lengths in shares of the image side, attenuation in shares of soft tissue."""

    centre: float
    width: float
    apex: float
    base: float
    tilt: float
    heart: float
    aeration: float
    rib_count: int
    rib_contrast: float
    exposure: float
    gamma: float
    noise: float
    texture_seed: int
    lesions: tuple[Lesion, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phantom:
    """A rendered phantom."""

    image: NDArray[np.uint8]
    """(H, W) grey."""
    lungs: NDArray[np.uint8]
    """(H, W): 0 none, 1 patient's right lung, 2 patient's left lung."""
    mask: NDArray[np.uint8]
    """(H, W) in {0, 1}: where lesions add attenuation that can be seen."""


def draw_phantom(*, rng: np.random.Generator, abnormal: bool) -> PhantomParams:
    """Draw one phantom; an abnormal one has one to three lesions."""
    return PhantomParams(
        centre=rng.uniform(0.48, 0.52),
        width=rng.uniform(0.20, 0.245),
        apex=rng.uniform(0.07, 0.13),
        base=rng.uniform(0.76, 0.86),
        tilt=rng.uniform(-0.04, 0.04),
        heart=rng.uniform(0.14, 0.2),
        aeration=rng.uniform(0.55, 0.72),
        rib_count=int(rng.integers(8, 11)),
        rib_contrast=rng.uniform(0.06, 0.13),
        exposure=rng.uniform(0.85, 1.05),
        gamma=rng.uniform(0.8, 1.25),
        noise=rng.uniform(0.006, 0.016),
        texture_seed=int(rng.integers(2**31)),
        lesions=tuple(_draw_lesion(rng=rng) for _ in range(int(rng.integers(1, 4)) if abnormal else 0)),
    )


def _draw_lesion(*, rng: np.random.Generator) -> Lesion:
    return Lesion(
        side=int(rng.integers(1, 3)),
        height=rng.uniform(0.25, 0.85),
        offset=rng.uniform(-0.5, 0.5),
        radius=rng.uniform(0.05, 0.13),
        density=rng.uniform(0.15, 0.5),
        texture_seed=int(rng.integers(2**31)),
    )


def render_phantom(params: PhantomParams, *, size: int) -> Phantom:
    """Render the phantom as a square of `size` pixels."""
    row, column = _grid(params, size)
    lungs = _lungs(params, row, column)
    air = _blur(lungs > 0, size * 0.008)
    lesions = np.zeros((size, size), np.float32)
    for lesion in params.lesions:
        lesions += _lesion(params, lesion, row, column) * (lungs == lesion.side)
    attenuation = _body(params, row, column) - params.aeration * air
    attenuation += _heart_and_spine(params, row, column) + air * _vessels(params, size)
    # Bones stand out against air and drown in soft tissue.
    attenuation += _ribs(params, row, column) * (0.3 + 0.7 * air) + _blur(lesions, size * 0.004)
    mask = (lesions > 0.06).astype(np.uint8)
    return Phantom(image=_expose(params, attenuation), lungs=lungs, mask=mask)


def _grid(params: PhantomParams, size: int) -> tuple[Field, Field]:
    """Return the row and column of each pixel centre, in shares of the side, the column straightened by the tilt."""
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size
    row, column = (np.asarray(grid, np.float32) for grid in np.meshgrid(axis, axis, indexing="ij"))
    straightened = column - params.centre - params.tilt * (row - 0.5)
    return row, np.asarray(straightened, np.float32)


def _lungs(params: PhantomParams, row: Field, column: Field) -> NDArray[np.uint8]:
    """Return two half-ovals: pointed apex, concave base over the diaphragm's dome."""
    labels = np.zeros(row.shape, np.uint8)
    for side, sign in ((1, -1.0), (2, 1.0)):
        middle = 0.055 + params.width * 0.62
        across = (column * sign - middle) / (params.width * 0.6)
        dome = params.base - 0.07 + 0.09 * (across * 0.5 + 0.2) ** 2 + (0.02 if side == 2 else 0.0)
        along = np.clip((row - params.apex) / (dome - params.apex), 0.0, 1.0)
        half_width = np.sqrt(np.clip(1.0 - (1.0 - along) ** 4.0, 0.0, 1.0)) * (0.74 + 0.26 * along)
        inside = (np.abs(across + 0.34 * (1 - along)) < half_width) & (row > params.apex) & (row < dome)
        if side == 2:
            inside &= ~_heart(params, row, column)
        labels[inside] = side
    return labels


def _heart(params: PhantomParams, row: Field, column: Field) -> NDArray[np.bool_]:
    middle_row, middle_column = params.base - 0.17, 0.045
    return ((column - middle_column) / (params.heart * 0.85)) ** 2 + (
        (row - middle_row) / (params.heart * 1.1)
    ) ** 2 < 1


def _body(params: PhantomParams, row: Field, column: Field) -> Field:
    """Return soft tissue: shoulders to hips, air around."""
    half = np.interp(row, [0.0, 0.1, 0.22, 1.0], [0.2, 0.46, params.width + 0.2, params.width + 0.18])
    edge = np.clip((half - np.abs(column)) / 0.06, 0.0, 1.0)
    return (0.92 * np.sqrt(edge)).astype(np.float32)


def _heart_and_spine(params: PhantomParams, row: Field, column: Field) -> Field:
    spine = 0.12 * np.exp(-((column / 0.035) ** 2)) * (0.85 + 0.15 * np.cos(row * 150))
    heart = 0.1 * _heart(params, row, column)
    belly = 0.12 * np.clip((row - params.base + 0.03) / 0.06, 0.0, 1.0)
    return _blur(spine + heart + belly, len(row) * 0.01)


def _ribs(params: PhantomParams, row: Field, column: Field) -> Field:
    """Return arched bands that descend from the spine, and two clavicles."""
    reach = np.clip(np.abs(column) / (params.width + 0.16), 0.0, 1.0)
    phase = (
        (row + 0.10 * (1 - reach) - 0.22 * reach**2 - params.apex)
        / (params.base - params.apex)
        * params.rib_count
    )
    bands = np.clip(np.cos(phase * 2 * np.pi) - 0.35, 0.0, None) / 0.65
    within = (reach < 0.98) & (reach > 0.12) & (row > params.apex) & (row < params.base)
    clavicle = np.exp(-(((row - params.apex - 0.05 + 0.12 * reach) / 0.012) ** 2)) * (reach > 0.1)
    bones = params.rib_contrast * (bands * within + 1.2 * clavicle)
    return _blur(bones, len(row) * 0.004)


def _vessels(params: PhantomParams, size: int) -> Field:
    rng = generator(params.texture_seed, "phantom", 0, stage="vessels")
    coarse = rng.standard_normal((size, size), dtype=np.float32)
    bands = [_blur(coarse, size * scale) * size * scale for scale in (0.006, 0.014, 0.04)]
    return np.asarray(0.03 * sum(bands), np.float32)


def _lesion(params: PhantomParams, lesion: Lesion, row: Field, column: Field) -> Field:
    sign = -1.0 if lesion.side == 1 else 1.0
    centre_row = params.apex + lesion.height * (params.base - params.apex)
    centre_column = sign * (0.055 + params.width * 0.62 * (1 + lesion.offset))
    rng = generator(lesion.texture_seed, "phantom", 0, stage="lesion")
    ripple = _blur(rng.standard_normal(row.shape, dtype=np.float32), len(row) * 0.03)
    ripple = ripple / max(float(np.abs(ripple).max()), 1e-6)
    distance = np.hypot(row - centre_row, column - centre_column) / lesion.radius + 0.5 * ripple
    return np.asarray(lesion.density * np.clip(1.4 - distance, 0.0, 1.0), np.float32)


def _expose(params: PhantomParams, attenuation: Field) -> NDArray[np.uint8]:
    rng = generator(params.texture_seed, "phantom", 0, stage="noise")
    grain = rng.standard_normal(attenuation.shape, dtype=np.float32)
    noisy = np.clip(attenuation * params.exposure * 0.85 + params.noise * grain, 0.0, 1.0)
    return np.round(255 * noisy**params.gamma).astype(np.uint8)


def _blur(field: NDArray[Any], sigma: float) -> Field:
    return np.asarray(cv2.GaussianBlur(field.astype(np.float32), (0, 0), sigma), np.float32)
