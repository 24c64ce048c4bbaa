"""A drawn chest to paint into, and the config that paints one kind."""

from dataclasses import replace

import cv2
import numpy as np

from artasyn.synth.config import load_config
from artasyn.synth.opacities import OpacityConfig

SIZE = 96


def chest(seed: int = 0, size: int = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """Two dark ellipses in a bright, noisy body."""
    rng = np.random.default_rng(seed)
    labels = np.zeros((size, size), np.uint8)
    for side, centre in ((1, 0.3), (2, 0.7)):
        middle = int(centre * size), int(0.5 * size)
        cv2.ellipse(labels, middle, (int(0.15 * size), int(0.33 * size)), 0, 0, 360, side, -1)
    image = np.where(labels > 0, 90, 190) + rng.normal(0, 6, labels.shape)
    return np.clip(cv2.GaussianBlur(image, (0, 0), 1), 0, 255).astype(np.uint8), labels


def config_of(kind: str, preset: str = "default") -> OpacityConfig:
    opacities = load_config(preset).opacities
    return replace(opacities, kinds={kind: 1.0}, composition=(1.0,))
