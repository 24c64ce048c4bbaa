"""A small U-Net evaluated in whole numbers, so that every machine gets the same bytes.

Activations are 0 to 255 and weights -127 to 127. A sum of their products stays below 2**24, where float32 arithmetic
is exact whatever the order: the fast matrix product of any BLAS, with any number of threads, gives the same result.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

__all__ = ["INPUT_SIZE", "LOGIT_STEP", "Layer", "evaluate", "layers_from", "load_layers"]

INPUT_SIZE = 128
"""Side of the square image that the network takes and of the maps that it returns, in pixels."""

LOGIT_STEP = 1 / 16
"""Log-odds that one grey value of an output map stands for; 128 is even odds."""

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Layer:
    """One convolution (3 x 3 or 1 x 1) in whole numbers, followed by rescaling and clipping to 0..255."""

    weights: Array
    """Whole numbers, shape (outputs, inputs * k * k); the kernel's rows and columns run fastest."""
    bias: Array
    """Whole numbers (outputs, 1) added to the sums."""
    scale: Array
    """Factors (outputs, 1) from sums to the values of the next layer."""
    kernel: int
    """Side of the kernel: 3 or 1."""


@cache
def load_layers() -> Mapping[str, Layer]:
    """Return the layers shipped with the package, by name."""
    with np.load(str(files("artasyn.synth.lungs.network") / "network.npz"), allow_pickle=False) as stored:
        return layers_from(dict(stored))


def layers_from(arrays: Mapping[str, NDArray[np.generic]]) -> Mapping[str, Layer]:
    """Return layers from `<name>.weights` (outputs, inputs, k, k), `<name>.bias` and `<name>.scale` (outputs,)."""
    names = sorted({key.split(".")[0] for key in arrays})
    return {
        name: _layer(*(arrays[f"{name}.{part}"] for part in ("weights", "bias", "scale"))) for name in names
    }


def _layer(weights: NDArray[np.generic], bias: NDArray[np.generic], scale: NDArray[np.generic]) -> Layer:
    flat = weights.reshape(len(weights), -1).astype(np.float32)
    return Layer(flat, bias.astype(np.float32)[:, None], scale.astype(np.float32)[:, None], weights.shape[-1])


def evaluate(square: NDArray[np.uint8], layers: Mapping[str, Layer]) -> NDArray[np.uint8]:
    """Return one map of log-odds per lung, (2, INPUT_SIZE, INPUT_SIZE), of an equalised image of that size.

    Levels of 64, 32, 16 and 8 pixels; the image enters and the maps leave as 2 x 2 blocks.
    """
    half = INPUT_SIZE // 2
    x = square.reshape(half, 2, half, 2).transpose(1, 3, 0, 2).reshape(4, half, half).astype(np.float32)
    skipped = []
    for level in range(3):
        x = _convolve(_convolve(x, layers[f"down{level}a"]), layers[f"down{level}b"])
        skipped.append(x)
        x = _halve(x)
    for name in ("bottom_a", "bottom_b", "bottom_c"):
        x = _convolve(x, layers[name])
    for level in (2, 1, 0):
        x = _double(_convolve(x, layers[f"narrow{level}"])) + skipped[level]
        x = _convolve(x, layers[f"up{level}"])
    maps = _convolve(x, layers["head"]).reshape(2, 2, 2, half, half)
    return maps.transpose(0, 3, 1, 4, 2).reshape(2, INPUT_SIZE, INPUT_SIZE).astype(np.uint8)


def _convolve(x: Array, layer: Layer) -> Array:
    """Return (outputs, H, W) for x (inputs, H, W), zeros around."""
    channels, height, width = x.shape
    if layer.kernel == 1:
        columns = x.reshape(channels, -1)
    else:
        framed = np.zeros((channels, height + 2, width + 2), np.float32)
        framed[:, 1:-1, 1:-1] = x
        windows = np.lib.stride_tricks.sliding_window_view(framed, (height, width), axis=(1, 2))
        columns = windows.reshape(channels * 9, height * width)
    sums = layer.weights @ columns
    sums += layer.bias
    sums *= layer.scale
    np.rint(sums, out=sums)
    np.clip(sums, 0, 255, out=sums)
    return sums.reshape(-1, height, width)


def _halve(x: Array) -> Array:
    channels, height, width = x.shape
    return np.asarray(x.reshape(channels, height // 2, 2, width // 2, 2).max(axis=(2, 4)), np.float32)


def _double(x: Array) -> Array:
    return x.repeat(2, axis=1).repeat(2, axis=2)
