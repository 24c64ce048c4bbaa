"""The layers made of one drawing: as it is, blurred, crystallised, and both (ART-ASyn, texture layers)."""

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.fields.noise import Field, blur
from artasyn.synth.seeds import generator

__all__ = ["cell_centres", "compose_layers", "crystallise"]


def compose_layers(raw: Field, *, cells: int, seed: int, unit: float) -> Field:
    """Lay six layers over each other; all have one colour, so transmittances multiply. Alpha in [0, 1]."""
    soft = blur(raw, 8 * unit)
    crystal = crystallise(raw, cell_centres(raw.shape, cells=cells, seed=seed))
    soft_crystal = blur(crystal, 3 * unit)
    # raw x 0.4, blurred, crystallised x 0.5, crystallised-blurred x 0.5, crystallised x 0.5, blurred
    light = (1 - 0.4 * raw) * (1 - soft) ** 2 * (1 - 0.5 * crystal) ** 2 * (1 - 0.5 * soft_crystal)
    return np.asarray(1 - light, dtype=np.float32)


def crystallise(field: Field, centres: NDArray[np.int64]) -> Field:
    """Give every pixel the mean of its Voronoi cell; `centres` are rows and columns, `(N, 2)`."""
    source = np.full(field.shape, 255, np.uint8)
    source[centres[:, 0], centres[:, 1]] = 0
    # The 5 x 5 chamfer distance puts about 0.5 % of the pixels, all on cell edges, into the neighbouring cell.
    _, found = cv2.distanceTransformWithLabels(source, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    cells = found.ravel().astype(np.intp)  # once, as counting and looking up want it
    sums = np.bincount(cells, weights=field.ravel())
    means = (sums / np.maximum(np.bincount(cells), 1)).astype(np.float32)
    return np.take(means, cells).reshape(field.shape)


def cell_centres(shape: tuple[int, ...], *, cells: int, seed: int) -> NDArray[np.int64]:
    """Return `cells` random pixels as rows and columns, `(cells, 2)`."""
    return generator(seed, "", 0, stage="cells").integers(0, shape, size=(cells, 2))
