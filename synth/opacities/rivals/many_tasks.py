"""Many tasks make light work: one of several deformations or blends in one to four rectangles or ellipses.

Baugh et al., Many Tasks Make Light Work: Learning to Localise Medical Anomalies from Multiple Synthetic Tasks, MICCAI
2023. Blending with natural images is left out: none are at hand. Images are not equalised beforehand. The authors train
on some of the tasks and validate on the others; here one of the four is drawn for each sample.
"""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, binary_fill_holes

from artasyn.synth.opacities.rivals.deformations import pull
from artasyn.synth.opacities.rivals.poisson import rebuild, row_and_column_steps
from artasyn.synth.opacities.rivals.scene import Painted, Scene
from artasyn.synth.opacities.rivals.shapes import Shape, draw_shape, fill_shape

__all__ = ["ManyTasksParams", "draw_many_tasks", "render_many_tasks"]

Task = Literal["blend", "source", "sink", "intensity"]
TASKS: tuple[Task, ...] = ("blend", "source", "sink", "intensity")
MOST, LABEL_WIDTH, CHANGED = 4, 0.2, 1e-3

Mask = NDArray[np.bool_]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskAnomaly:
    """One anomaly: its shape and what the task asks for; what other tasks ask for changes nothing."""

    shape: Shape
    turn: float = 0.0
    """blend: degrees by which the other image is turned."""
    scale: float = 1.0
    """blend: its magnification."""
    row: float = 0.0
    """source, sink: the fixed point, in pixels."""
    column: float = 0.0
    strength: float = 0.0
    """source, sink: 0 weakest to 1 strongest; intensity: the change, grey values of [-1, 1]."""
    border: float = 0.0
    """intensity: width of the soft border, in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyTasksParams:
    """One task and its anomalies, made one after the other."""

    task: Task
    anomalies: tuple[TaskAnomaly, ...]


def draw_many_tasks(scene: Scene, *, rng: np.random.Generator) -> ManyTasksParams:
    """Draw one of the tasks and one to four anomalies, stopping with probability 1/2 after each."""
    task = TASKS[int(rng.integers(len(TASKS)))]
    anomalies = [_draw_anomaly(task, scene, rng=rng)]
    while len(anomalies) < MOST and rng.random() < 0.5:
        anomalies.append(_draw_anomaly(task, scene, rng=rng))
    return ManyTasksParams(task=task, anomalies=tuple(anomalies))


def render_many_tasks(params: ManyTasksParams, scene: Scene) -> Painted:
    """Make the anomalies on grey values of [-1, 1]; label 1 - exp(-change^2 / (2 * 0.2^2)) in the mask."""
    image = scene.image / 127.5 - 1
    values, mask = image, np.zeros(image.shape, np.bool_)
    for anomaly in params.anomalies:
        inside = fill_shape(anomaly.shape, scene.lungs.shape)
        if params.task == "blend":
            values, inside = _blend(values, inside, anomaly, scene)
        elif params.task == "intensity":
            values = np.clip(values + anomaly.strength * _soft(inside, anomaly.border), -1, 1)
        else:
            values = pull(
                values,
                inside,
                anomaly.shape,
                (anomaly.row, anomaly.column),
                strength=anomaly.strength,
                outward=params.task == "source",
            )
        mask |= inside
    change = np.where(mask, values - image, 0)
    label = 1 - np.exp(-(change**2) / (2 * LABEL_WIDTH**2))
    altered = np.where(mask, np.rint((values + 1) * 127.5), scene.image).astype(np.uint8)
    marked = mask & binary_fill_holes(binary_closing(np.abs(change) > CHANGED, np.ones((3, 3))))
    return Painted(altered, label.astype(np.float32), marked, mask)


def _draw_anomaly(task: Task, scene: Scene, *, rng: np.random.Generator) -> TaskAnomaly:
    shape = draw_shape(scene, rng=rng)
    if task == "blend":
        stretch, turn = 1 + rng.exponential(0.1), float(rng.uniform(-45, 45))
        return TaskAnomaly(
            shape=shape, turn=turn, scale=float(stretch if rng.random() < 0.5 else 1 / stretch)
        )
    if task == "intensity":
        size = 0.1 + rng.gamma(3, 0.2)
        strength = float(size if rng.random() < 0.5 else -size)
        border = float(np.sqrt(scene.image.size) * (0.02 + rng.gamma(3, 0.01)))
        return TaskAnomaly(shape=shape, strength=strength, border=border)
    places = np.argwhere(fill_shape(shape, scene.lungs.shape))
    row, column = (float(x) for x in places[rng.integers(len(places))])
    return TaskAnomaly(shape=shape, row=row, column=column, strength=float(rng.random()))


def _soft(inside: Mask, border: float) -> Values:
    """Return 1 deep inside, falling to 0 at the edge over `border` pixels."""
    depth = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(np.minimum(depth / max(min(border, float(depth.max())), 1e-6), 1), np.float64)


def _blend(values: Values, inside: Mask, anomaly: TaskAnomaly, scene: Scene) -> tuple[Values, Mask]:
    """Rebuild the shape's box from the stronger of both images' gradients; mark what changed in the box."""
    height, width = values.shape
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), anomaly.turn, anomaly.scale)
    other = cv2.warpAffine(
        scene.second.pixels / 127.5 - 1, turn, (width, height), borderMode=cv2.BORDER_REFLECT
    )
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    box = (
        slice(max(rows[0] - 1, 0), min(rows[-1] + 2, height)),
        slice(max(columns[0] - 1, 0), min(columns[-1] + 2, width)),
    )
    own = values[box]
    both = zip(
        row_and_column_steps(own),
        row_and_column_steps(np.asarray(other, np.float64)[box]),
        (inside[box][1:, 1:-1] & inside[box][:-1, 1:-1], inside[box][1:-1, 1:] & inside[box][1:-1, :-1]),
        strict=True,
    )
    steps = [np.where(within & (np.abs(b) > np.abs(a)), b, a) for a, b, within in both]
    solved = np.clip(rebuild(own, *steps), values.min(), values.max())
    blended, marked = values.copy(), inside.copy()
    inner = slice(box[0].start + 1, box[0].stop - 1), slice(box[1].start + 1, box[1].stop - 1)
    blended[inner] = solved
    marked[inner] |= np.abs(solved - own[1:-1, 1:-1]) > CHANGED
    return blended, marked
