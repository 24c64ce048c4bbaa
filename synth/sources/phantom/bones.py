"""Ribs as bent tubes, spine, clavicles, shoulder blades and upper arms."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.sources.phantom.chest import Chest, Field, soft

__all__ = ["bones", "stroke_"]

QUARTER = np.linspace(0, np.pi / 2, 24)
SHIFT = 4
"""Fractional bits of coordinates in OpenCV's drawing."""
RIBS, FRONT_RIBS = 10, 7

Curve = NDArray[np.float64]


def bones(chest: Chest) -> Field:
    """Return the attenuation that bones add, (H, W)."""
    p, size = chest.params, chest.size
    rear, front, others = (np.zeros((size, size), np.uint8) for _ in range(3))
    for side in (-1, 1):
        for number in range(RIBS):
            back, fore = _rib(chest, number, side)
            width = 0.015 + 0.001 * number
            _tube_(rear, back, width * (0.85 if p.child else 1.0))
            if number < FRONT_RIBS:
                _tube_(front, fore, 1.15 * width)
        _tube_(others, _clavicle(chest, side), 0.024)
    total = p.rib_contrast * (rear + np.float32(0.6) * front + np.float32(1.3) * others) / np.float32(255)
    total = total * (chest.body > 0.05) + _spine(chest) + _shoulders(chest)
    return np.asarray(cv2.GaussianBlur(total.astype(np.float32), (0, 0), 0.0035 * size), np.float32)


def _rib(chest: Chest, number: int, side: int) -> tuple[Curve, Curve]:
    """Return the rear and the front part as (n, 2) of (column, row): two quarters of ellipses that meet at the wall."""
    p = chest.params
    start = p.apex - 0.015 + number * p.rib_spacing
    drop = p.rib_slope + 0.03 + 0.006 * number
    low = p.dome + p.recess + 0.02
    along = np.asarray(np.clip((start + drop - p.apex) / (low - p.apex), 0.05, 1), np.float32)
    wall, inner = float(chest.wall(along)) + 0.008, 0.035
    rear_column = inner + (wall - inner) * np.sin(QUARTER)
    rear_row = start + drop * (1 - np.cos(QUARTER)) - 0.012 * np.sin(2 * QUARTER)
    end = 0.1 + 0.012 * number
    front_column = wall - (wall - end) * (1 - np.cos(QUARTER))
    front_row = start + drop + (1.6 * p.rib_slope + 0.07) * np.sin(QUARTER)
    return _placed(chest, side * rear_column, rear_row), _placed(chest, side * front_column, front_row)


def _clavicle(chest: Chest, side: int) -> Curve:
    p = chest.params
    share = np.linspace(0, 1, 24)
    column = 0.03 + share * (p.width + 0.02)
    row = p.apex + 0.085 - 0.1 * share + 0.02 * np.sin(2 * np.pi * share)
    return _placed(chest, side * column, row)


def _placed(chest: Chest, column: Curve, row: Curve) -> Curve:
    return np.stack([column + chest.params.centre + chest.params.tilt * (row - 0.5), row], axis=1)


def _tube_(canvas: NDArray[np.uint8], curve: Curve, width: float) -> None:
    """Draw into `canvas`: a tube with a dense rim."""
    size = canvas.shape[0]
    stroke_(canvas, curve, width * size, 255)
    stroke_(canvas, curve, 0.55 * width * size, 175)


def stroke_(canvas: NDArray[np.uint8], curve: Curve, thickness: float, value: int) -> None:
    """Draw into `canvas` a smooth line through (column, row) in shares of the side; thickness in pixels."""
    points = np.round(curve * canvas.shape[0] * 2**SHIFT).astype(np.int32)
    cv2.polylines(canvas, [points], False, value, max(1, round(thickness)), cv2.LINE_AA, SHIFT)


def _spine(chest: Chest) -> Field:
    p = chest.params
    away = (chest.column - np.float32(0.5 * p.turn)) / np.float32(0.042 if p.child else 0.048)
    discs = 1 - 0.25 * np.clip(np.cos(2 * np.pi * chest.row / (p.rib_spacing * 0.95)), 0.6, 1)
    tube = np.sqrt(np.clip(1 - away**2, 0, 1)) * discs
    trachea = (
        0.09 * np.exp(-(((chest.column - 0.3 * p.turn) / 0.016) ** 2)) * soft(p.apex + 0.24 - chest.row, 0.03)
    )
    return np.asarray(0.16 * tube - trachea, np.float32)


def _shoulders(chest: Chest) -> Field:
    """Return shoulder blades, faint over the outer upper lungs, and heads of the upper arms."""
    p = chest.params
    away = np.abs(chest.column)
    inner = p.width * p.blades + 0.1 * (chest.row - p.apex - 0.1) ** 2 - 0.1 * (chest.row - p.apex - 0.1)
    blade: NDArray[Any] = soft(away - inner, 0.012) * soft(
        p.apex + 0.38 - chest.row - 0.6 * (away - inner), 0.02
    )
    blade = blade * soft(chest.row - p.apex - 0.02, 0.03)
    arm = np.clip(
        1 - ((away - p.width - 0.11) / 0.055) ** 2 - ((chest.row - p.apex - 0.05) / 0.07) ** 2, 0, 1
    )
    return np.asarray((0.05 * blade + 0.22 * np.sqrt(arm)) * (chest.body > 0.05), np.float32)
