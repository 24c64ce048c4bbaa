"""Smooth noise in three dimensions from a bank: drawn once a process, cut out at another place each time."""

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.fields.noise import Field
from artasyn.synth.seeds import generator

__all__ = ["GRAIN", "SIDE", "VOLUMES", "cut_noise", "noise_volume"]

SIDE = 64
"""Cells of the bank on each axis; it repeats itself beyond."""
GRAIN = 8
"""Size of its lumps, in cells."""
VOLUMES = 4
"""Volumes in the bank."""


@functools.cache
def noise_volume(number: int) -> NDArray[np.float32]:
    """Return volume `number` of the bank, `(SIDE, SIDE, SIDE)`, periodic, mean 0 and deviation 1."""
    white = generator(number, "", 0, stage="noise bank").standard_normal((SIDE,) * 3, np.float32)
    axes = np.meshgrid(*(np.fft.fftfreq(SIDE),) * 2, np.fft.rfftfreq(SIDE), indexing="ij")
    frequency = np.sqrt(sum(axis**2 for axis in axes)) * GRAIN
    # Lumps of the stated size with finer ones on them, a quarter as strong for each half of the size.
    spectrum = np.exp(-2 * frequency**2) + 0.25 * np.exp(-((frequency / 2.5) ** 2))
    smooth = np.fft.irfftn(np.fft.rfftn(white) * spectrum, s=(SIDE,) * 3, axes=(0, 1, 2))
    return np.asarray((smooth - smooth.mean()) / smooth.std(), dtype=np.float32)


def cut_noise(
    shape: tuple[int, int], *, cell: float, depth: int, step: float, volume: int, start: tuple[float, ...]
) -> list[Field]:
    """Return `depth` slices `(H, W)` of noise whose lumps are `cell` pixels wide.

    `start` (plane, row, column) is where in the bank the first slice begins, in cells of the bank; slices lie `step`
    pixels apart.
    """
    bank = noise_volume(volume)
    zoom = GRAIN / cell
    matrix = np.array([[zoom, 0, start[2]], [0, zoom, start[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    planes = (np.round(start[0] + np.arange(depth) * step * zoom)).astype(int) % SIDE
    return [
        np.asarray(
            cv2.warpAffine(bank[plane], matrix, shape[::-1], flags=flags, borderMode=cv2.BORDER_WRAP),
            dtype=np.float32,
        )
        for plane in planes.tolist()
    ]
