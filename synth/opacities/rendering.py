"""Render what was drawn: kinds laid over each other, held back by the anatomy, blended into the image."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.compositing.blend import blend
from artasyn.synth.opacities.compositing.border_gap import close_border_gap
from artasyn.synth.opacities.compositing.chest import Chest
from artasyn.synth.opacities.compositing.gate import gate_alpha
from artasyn.synth.opacities.compositing.reader_outline import fill_outline, reader_outline
from artasyn.synth.opacities.compositing.visible_mask import visible_mask
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field
from artasyn.synth.opacities.kinds.registry import kind_named
from artasyn.synth.opacities.record import OpacityRecord
from artasyn.synth.opacities.rivals.record import RivalRecord, render_rival
from artasyn.synth.opacities.rivals.scene import SecondImage

__all__ = ["Grey", "Opacity", "ReadSecond", "render_in"]

Grey = NDArray[np.uint8]
ReadSecond = Callable[[], SecondImage]
"""Returns another normal image; called only where a rival takes pixels from one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opacity:
    """An image with an opacity and the exact truth about it; all arrays `(H, W)` uint8."""

    altered: Grey
    alpha: Grey
    """Opacity of every pixel, 0..255; where it is 0, `altered` equals the image to the bit."""
    mask: Grey
    """1 where the image is changed visibly, else 0; see `visible_mask`."""
    outline: Grey
    """1 in the region that a reader would draw, else 0: alpha > record.outline_threshold; of a rival its own mask."""
    record: OpacityRecord | RivalRecord

    def __repr__(self) -> str:
        """Return what was drawn, shape and shares of the image, not the pixels."""
        record = self.record
        drawn = (
            record.rival
            if isinstance(record, RivalRecord)
            else " + ".join(kind.name for kind in record.kinds)
        )
        mask, outline = (100 * float(np.mean(region > 0)) for region in (self.mask, self.outline))
        return f"Opacity({drawn}: mask {mask:.1f} %, outline {outline:.1f} % of {self.mask.shape})"


def render_in(record: OpacityRecord | RivalRecord, chest: Chest, *, second: ReadSecond | None) -> Opacity:
    """Render a record in a prepared chest; `second` is called only where a rival takes pixels from another image."""
    if isinstance(record, RivalRecord):
        return _render_rival(record, chest, second)
    image, lungs = chest.image, chest.lungs
    composed = _compose(record, lungs)
    if record.gates.border_gap:
        composed = close_border_gap(composed, lungs, width=record.gates.border_gap)
    gated = gate_alpha(composed, image, lungs, gates=record.gates, room=_room(record, lungs))
    alpha = np.rint(gated * 255).astype(np.uint8)
    if record.outline_width:
        alpha = fill_outline(alpha, lungs, threshold=record.outline_threshold, width=record.outline_width)
    altered = blend(chest, alpha, record.blend)
    return Opacity(
        altered=altered,
        alpha=alpha,
        mask=visible_mask(image, altered),
        outline=reader_outline(
            alpha, lungs, threshold=record.outline_threshold, clip=record.gates.clip_to_lung
        ),
        record=record,
    )


def _render_rival(record: RivalRecord, chest: Chest, second: ReadSecond | None) -> Opacity:
    """Take altered image, label (as alpha) and published mask (as outline) as the rival gives them."""
    painted = render_rival(record, chest.image, chest.lungs, read_second=second)
    return Opacity(
        altered=painted.altered,
        alpha=np.rint(painted.label * 255).astype(np.uint8),
        mask=visible_mask(chest.image, painted.altered),
        outline=painted.mask.astype(np.uint8),
        record=record,
    )


def _compose(record: OpacityRecord, lungs: Lungs) -> Field:
    """Lay the kinds over each other: their transmittances multiply."""
    light = np.ones(lungs.shape, np.float32)
    for kind in record.kinds:
        light *= 1 - kind_named(kind.name).render(kind.params, lungs)
    return 1 - light


def _room(record: OpacityRecord, lungs: Lungs) -> Field:
    """Return where the kinds may lie, 0 to 1: in the lungs, their hidden part included, some kinds beyond."""
    kinds = [(kind_named(kind.name), kind.params) for kind in record.kinds]
    rooms = [kind.room(params, lungs) for kind, params in kinds if kind.room]
    return np.asarray(np.maximum.reduce([lungs.whole, *rooms]), dtype=np.float32) if rooms else lungs.whole
