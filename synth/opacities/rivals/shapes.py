"""Rectangles and ellipses, sheared and turned."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.rivals.scene import Scene, draw_centre

__all__ = ["Shape", "draw_shape", "fill_shape", "reach"]

LEAST, MOST, SHEAR, TURN = 0.06, 0.8, 0.2, 90.0

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A square or a disc of half-width 1, mapped by a matrix about a centre; pixels."""

    form: Literal["ellipse", "rectangle"]
    row: float
    column: float
    matrix: tuple[float, float, float, float]
    """Row by row: pixels (row, column) from unit coordinates."""


def draw_shape(scene: Scene, *, rng: np.random.Generator) -> Shape:
    """Draw each side 6 to 80 % of the image's, shear and turn; shrunk until its box takes at most 80 %."""
    shape = np.array(scene.image.shape, float)
    half = np.clip(0.03 + rng.gamma(2, 0.1, 2), LEAST, MOST) * shape / 2
    shear = rng.normal(0, SHEAR, 2)
    turn = np.deg2rad(rng.uniform(-TURN, TURN))
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = rotation @ np.array([[1, shear[0]], [shear[1], 1]]) @ np.diag(half)
    form: Literal["ellipse", "rectangle"] = "ellipse" if rng.random() < 0.5 else "rectangle"
    extent = np.abs(matrix).sum(axis=1) if form == "rectangle" else np.hypot(matrix[:, 0], matrix[:, 1])
    shrink = min(1.0, float((MOST * shape / 2 / extent).min()))
    matrix, extent = matrix * shrink, np.ceil(extent * shrink).astype(int)
    ranges = [(int(e), max(int(n) - int(e), int(e) + 1)) for e, n in zip(extent, shape, strict=True)]
    row, column = draw_centre(scene, ranges[0], ranges[1], rng=rng)
    return Shape(
        form=form,
        row=row,
        column=column,
        matrix=tuple(float(m) for m in matrix.ravel()),  # type: ignore[arg-type]
    )


def fill_shape(shape: Shape, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return the pixels (H, W) of the shape that lie in an image of `size`."""
    rows, columns = np.indices(size, dtype=np.float64)
    down, across = _to_unit(shape, rows - shape.row, columns - shape.column)
    if shape.form == "ellipse":
        return np.asarray(down**2 + across**2 <= 1)
    return np.asarray(np.maximum(np.abs(down), np.abs(across)) <= 1)


def reach(shape: Shape, centre: tuple[float, float], rows: Values, columns: Values) -> Values:
    """Return how often the offset (rows, columns) fits between `centre` and the edge along its ray."""
    down, across = _to_unit(shape, rows, columns)
    first_down, first_across = _to_unit(
        shape, np.asarray(centre[0] - shape.row), np.asarray(centre[1] - shape.column)
    )
    if shape.form == "ellipse":
        squared = np.maximum(down**2 + across**2, 1e-12)
        along = down * first_down + across * first_across
        left = np.maximum(1 - first_down**2 - first_across**2, 0)
        return np.asarray((np.sqrt(along**2 + squared * left) - along) / squared)
    times = [
        (1 - np.sign(step) * first) / np.maximum(np.abs(step), 1e-12)
        for step, first in ((down, first_down), (across, first_across))
    ]
    return np.asarray(np.maximum(np.minimum(*times), 0))


def _to_unit(shape: Shape, rows: Values, columns: Values) -> tuple[Values, Values]:
    """Return unit coordinates of offsets in pixels."""
    a, b, c, d = shape.matrix
    determinant = a * d - b * c
    return (d * rows - b * columns) / determinant, (a * columns - c * rows) / determinant
