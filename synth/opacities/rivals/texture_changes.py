"""The ten changes of grey values and place that DRAEM makes to a texture, three at a time."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["TextureChange", "changed", "draw_changes"]

Grey = NDArray[np.uint8]

CHANGES = {
    "gamma": (0.5, 2.0),
    "brightness": (0.8, 1.2),
    "sharpness": (0.5, 1.5),
    "saturation": (-50.0, 50.0),
    "solarise": (32.0, 128.0),
    "posterise": (1.0, 8.0),
    "invert": (1.0, 1.0),
    "autocontrast": (0.0, 20.0),
    "equalise": (1.0, 1.0),
    "rotate": (-45.0, 45.0),
}
"""Range of each change's parameter; hue and saturation do nothing to a grey image."""
SHIFT = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TextureChange:
    """One change and its parameters."""

    name: str
    value: float
    shift: float
    """Grey values added, for `brightness` alone."""


def draw_changes(*, rng: np.random.Generator) -> tuple[TextureChange, ...]:
    """Draw three different changes, in the order they are made."""
    names = rng.choice(list(CHANGES), size=3, replace=False)
    return tuple(
        TextureChange(
            name=str(name),
            value=float(rng.uniform(*CHANGES[str(name)])),
            shift=float(rng.uniform(-SHIFT, SHIFT)) if name == "brightness" else 0.0,
        )
        for name in names
    )


def changed(image: Grey, changes: tuple[TextureChange, ...]) -> Grey:
    """Return the image after all changes."""
    for change in changes:
        values = _change(image, change)
        image = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return image


def _change(image: Grey, change: TextureChange) -> NDArray[np.float64]:
    grey, value = image.astype(np.float64), change.value
    match change.name:
        case "gamma":
            grey = 255 * (grey / 255) ** value
        case "brightness":
            grey = value * grey + change.shift
        case "sharpness":
            grey = np.asarray(cv2.blur(grey, (3, 3)) * (1 - value) + grey * value)
        case "solarise":
            grey = np.where(image >= value, 255 - grey, grey)
        case "posterise":
            step = 2 ** (8 - int(value))
            grey = np.floor(grey / step) * step
        case "invert":
            grey = 255 - grey
        case "autocontrast":
            low, high = np.percentile(grey, (value, 100 - value))
            grey = 255 * (grey - low) / max(high - low, 1)
        case "equalise":
            grey = np.asarray(cv2.equalizeHist(image), np.float64)
        case "rotate":
            height, width = image.shape
            turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), value, 1)
            grey = np.asarray(cv2.warpAffine(grey, turn, (width, height)))
    return np.asarray(grey, np.float64)
