"""Lung fields by a network that learnt from the thresholds' own sure outlines."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from data_manifests.images import squeeze_to
from synth.lungs.lung_field import LEFT, RIGHT
from synth.lungs.network import INPUT_SIZE, LOGIT_STEP, Layer, evaluate, load_layers
from synth.lungs.outlines import fill_holes

__all__ = ["segment_by_network"]

Map = NDArray[np.uint8]

_EVEN = 128
_CHANCE = 1 / (1 + np.exp((_EVEN - np.arange(256)) * LOGIT_STEP))


def segment_by_network(image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """Return labels (H, W) uint8 and how sure of them the network is, in [0, 1].

    An image that makes little sense is tried as a negative as well.
    """
    layers, square = load_layers(), squeeze_to(image, INPUT_SIZE)
    maps, surety = _best_maps(square, layers)
    height, width = image.shape
    right, left = (
        np.asarray(cv2.resize(m, (width, height), interpolation=cv2.INTER_LINEAR_EXACT), np.uint8)
        for m in maps
    )
    labels = np.where(right >= left, RIGHT, LEFT).astype(np.uint8)
    labels[np.maximum(right, left) < _EVEN] = 0
    return labels, surety


def _best_maps(square: Map, layers: Mapping[str, Layer]) -> tuple[list[Map], float]:
    maps, surety = _maps(square, layers)
    if surety < 0.8:
        negative, surety_of_negative = _maps(255 - square, layers)
        if surety_of_negative > surety + 0.1:
            return negative, surety_of_negative
    return maps, surety


def _maps(square: Map, layers: Mapping[str, Layer]) -> tuple[list[Map], float]:
    equalised = np.asarray(cv2.equalizeHist(square), np.uint8)
    maps = [_one_piece(m) for m in evaluate(equalised, layers)]
    return maps, min(_surety(m) for m in maps)


def _one_piece(odds: Map) -> Map:
    """Return the map with even odds or less everywhere but in the largest piece of the lung, whose holes are filled."""
    inside = np.asarray(odds >= _EVEN, np.uint8)
    count, pieces, boxes, _ = cv2.connectedComponentsWithStats(inside, connectivity=4, ltype=cv2.CV_16U)
    if count < 2:
        return np.zeros_like(odds)
    largest = 1 + int(boxes[1:, cv2.CC_STAT_AREA].argmax())
    piece = fill_holes(np.asarray(pieces == largest, np.uint8)) > 0
    return np.where(piece, np.maximum(odds, _EVEN), np.minimum(odds, _EVEN - 1)).astype(np.uint8)


def _surety(odds: Map) -> float:
    """Return the Dice that the lung would have if the network's odds were right; 0 for an empty one."""
    chance, inside = _CHANCE[odds], odds >= _EVEN
    return float(2 * chance[inside].sum() / (chance.sum() + inside.sum() + 1))
