"""Lung fields by a network that learnt from the thresholds' own sure outlines."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.images.geometry import squeeze_to
from artasyn.synth.lungs.lung_field import LEFT, RIGHT
from artasyn.synth.lungs.morphology import disc, fill_holes
from artasyn.synth.lungs.network.int8_unet import INPUT_SIZE, LOGIT_STEP, Layer, evaluate, load_layers
from artasyn.synth.threads import one_thread

__all__ = ["segment_by_network"]

Map = NDArray[np.uint8]

_EVEN = 128
_UNIT = 4096
_CHANCE = np.rint(_UNIT / (1 + np.exp((_EVEN - np.arange(256)) * LOGIT_STEP))).astype(np.int64)
"""Chance, in whole parts of `_UNIT` so that sums are exact, that each value of a map stands for."""

_DOUBTFUL = 0.9


def segment_by_network(image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float, bool]:
    """Return labels (H, W) uint8, their quality in [0, 1], and whether the lungs were found in the negative alone.

    The quality is the Dice that the worse lung would have if the network's odds were right, less a part where a lung
    is brighter than its surroundings. A doubtful image is tried as a negative as well.
    """
    layers, square = load_layers(), squeeze_to(image, INPUT_SIZE)
    maps, quality = _maps(square, layers)
    negative = False
    if quality < _DOUBTFUL:
        inverted = _maps(255 - square, layers)
        negative = inverted[1] > quality
        maps, quality = inverted if negative else (maps, quality)
    size = image.shape[::-1]
    right, left = (cv2.resize(odds, size, interpolation=cv2.INTER_LINEAR_EXACT) for odds in maps)
    labels = np.where(right >= left, RIGHT, LEFT).astype(np.uint8)
    labels[np.maximum(right, left) < _EVEN] = 0
    return labels, quality, negative


def _maps(square: Map, layers: Mapping[str, Layer]) -> tuple[list[Map], float]:
    equalised = np.asarray(cv2.equalizeHist(square), np.uint8)
    with one_thread():
        maps = [_one_piece(odds) for odds in evaluate(equalised, layers)]
    surety, step = min(map(_surety, maps)), min(_step(square, odds >= _EVEN) for odds in maps)
    return maps, round(max(0.0, surety + min(0.0, step) / 2), 6)


def _one_piece(odds: Map) -> Map:
    """Return the map with less than even odds everywhere but in the largest piece of the lung, its holes filled."""
    inside = np.asarray(odds >= _EVEN, np.uint8)
    count, pieces, boxes, _ = cv2.connectedComponentsWithStats(inside, connectivity=4, ltype=cv2.CV_16U)
    if count < 2:
        return np.minimum(odds, _EVEN - 1)
    largest = 1 + int(boxes[1:, cv2.CC_STAT_AREA].argmax())
    piece = fill_holes(np.asarray(pieces == largest, np.uint8)) > 0
    return np.where(piece, np.maximum(odds, _EVEN), np.minimum(odds, _EVEN - 1)).astype(np.uint8)


def _surety(odds: Map) -> float:
    """Return the Dice that the lung would have if the odds were right; 0 for an empty one."""
    pixels = np.bincount(odds.ravel(), minlength=256)
    chance, inside = pixels * _CHANCE, int(pixels[_EVEN:].sum())
    return 2 * int(chance[_EVEN:].sum()) / max(1, int(chance.sum()) + inside * _UNIT)


def _step(square: Map, lung: NDArray[np.bool_]) -> float:
    """Return how much brighter the surroundings are than the lung, in standard deviations of the image."""
    mask = lung.astype(np.uint8)
    around = cv2.subtract(cv2.dilate(mask, disc(4)), cv2.dilate(mask, disc(1)))
    means = [cv2.mean(square, region)[0] for region in (around, cv2.erode(mask, disc(3)))]
    return (means[0] - means[1]) / (float(cv2.meanStdDev(square)[1].item()) + 5)
