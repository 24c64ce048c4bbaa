"""How true the masks of a synthetic version are: measured on its pixels, claimed nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.spacing import evenly_spaced
from artasyn.data_manifests.store.version import Version
from artasyn.synth.opacities.compositing.visible_mask import SPECK, VISIBLE

__all__ = ["MaskShares", "measure_shares"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskShares:
    """Shares over the pixels of all samples measured, 0 to 1."""

    samples: int
    visible: float
    """Of the mask: changed by at least `VISIBLE`."""
    unchanged: float
    """Of the mask: not changed at all."""
    specks: int
    """Pieces of all masks that are smaller than `SPECK`."""
    outline_extra: float
    """Of the outline: outside the mask."""
    outline_unchanged: float
    """Of the outline: not changed at all."""
    fringe: float
    """Of the mask: outside the outline."""

    def __str__(self) -> str:
        """Return two lines for people."""
        return (
            f"   mask  of {self.samples} samples: {100 * self.visible:.1f} % of its pixels changed by at least "
            f"{VISIBLE} of 255, {100 * self.unchanged:.1f} % unchanged, {self.specks} specks\n"
            f"outline  {100 * self.outline_extra:.1f} % of its pixels outside the mask, "
            f"{100 * self.outline_unchanged:.1f} % unchanged; it leaves out {100 * self.fringe:.1f} % of the mask"
        )


def measure_shares(version: Version, *, samples: int) -> MaskShares:
    """Measure up to so many samples of a synthetic version, evenly spread. Raises DamageError."""
    rows = version.rows(status="ok")
    chosen = rows[evenly_spaced(len(rows), samples)]
    counts = sum((_count(version, int(row)) for row in chosen), np.zeros(7, np.int64))
    mask, outline, visible, unchanged, specks, extra, outline_unchanged = counts.tolist()
    return MaskShares(
        samples=len(chosen),
        visible=visible / max(mask, 1),
        unchanged=unchanged / max(mask, 1),
        specks=specks,
        outline_extra=extra / max(outline, 1),
        outline_unchanged=outline_unchanged / max(outline, 1),
        fringe=(mask - (outline - extra)) / max(mask, 1),
    )


def _count(version: Version, row: int) -> NDArray[np.int64]:
    channels: Sequence[str] = ("image", "altered", "mask", "outline")
    image, altered, mask, outline = version.read(row, channels=channels)
    change, inside, drawn = cv2.absdiff(image, altered), mask > 0, outline > 0
    _, _, pieces, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    regions = (
        inside,
        drawn,
        inside & (change >= VISIBLE),
        inside & (change == 0),
        pieces[1:, cv2.CC_STAT_AREA] < SPECK * mask.size,
        drawn & ~inside,
        drawn & (change == 0),
    )
    return np.array([np.count_nonzero(region) for region in regions], np.int64)
