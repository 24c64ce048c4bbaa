"""Draw an opacity, render it, and both in one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.grey_array import check_grey
from artasyn.synth.opacities.compositing.blend import blend, draw_blend
from artasyn.synth.opacities.compositing.border_gap import close_border_gap
from artasyn.synth.opacities.compositing.chest import Chest
from artasyn.synth.opacities.compositing.gate import gate_alpha
from artasyn.synth.opacities.compositing.reader_outline import fill_outline, reader_outline
from artasyn.synth.opacities.compositing.visible_mask import visible_mask
from artasyn.synth.opacities.config import OpacityConfig
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field
from artasyn.synth.opacities.fields.request import draw_request
from artasyn.synth.opacities.kinds.registry import kind_named
from artasyn.synth.opacities.record import DrawnKind, OpacityRecord
from artasyn.synth.opacities.rivals.record import RivalRecord, draw_rival, render_rival
from artasyn.synth.opacities.rivals.registry import is_rival
from artasyn.synth.opacities.rivals.scene import SecondImage

__all__ = [
    "Opacity",
    "draw_opacity",
    "draw_variant_count",
    "prepare_chest",
    "read_record",
    "render_opacity",
    "synthesize",
    "synthesize_in",
]

Grey = NDArray[np.uint8]
DEFAULT = OpacityConfig()
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


def prepare_chest(image: Grey, labels: Grey) -> Chest:
    """Return what all opacities in one image share, so that several of them measure it once; for `synthesize_in`.

    `image` `(H, W)`, lung `labels` of its shape, {0, 1, 2}. Raises ImageError of kind `not_grey_uint8`, `bad_labels` or
    `no_lung`.
    """
    check_grey(image)
    if labels.dtype != np.uint8 or labels.max(initial=0) > 2:
        highest = labels.max(initial=0)
        reason = f"must be uint8: 0, 1 (patient's right lung), 2 (left); got {labels.dtype} up to {highest}"
        remedy = "of a mask of both lungs, artasyn.label_sides(mask > 0) makes such labels"
        raise ImageError("lung labels", reason, remedy, kind="bad_labels")
    if labels.shape != image.shape:
        reason = f"the lung labels have shape {labels.shape}, the image {image.shape}"
        raise ImageError("opacity", reason, "segment the lungs of this very image", kind="bad_labels")
    lungs = Lungs(labels)
    if not lungs.sides:
        raise ImageError("opacity", "the lung labels are all 0", "segment the lungs first", kind="no_lung")
    return Chest(image, lungs)


def synthesize(
    image: Grey,
    labels: Grey,
    *,
    rng: np.random.Generator,
    config: OpacityConfig = DEFAULT,
    second: ReadSecond | None = None,
) -> Opacity:
    """Draw and render one opacity in `image` `(H, W)` with lung `labels` of its shape, {0, 1, 2}.

    Raises ImageError as `prepare_chest` and `synthesize_in` do.
    """
    return synthesize_in(prepare_chest(image, labels), rng=rng, config=config, second=second)


def synthesize_in(
    chest: Chest,
    *,
    rng: np.random.Generator,
    config: OpacityConfig = DEFAULT,
    second: ReadSecond | None = None,
) -> Opacity:
    """Draw and render one opacity in a prepared chest, which stays as it is.

    It is drawn anew, up to `config.redraws` times, while its mask or outline is empty. Raises ImageError of kind
    `empty_opacity`.
    """
    draws = config.redraws + 1
    for _ in range(draws):
        record = _draw(chest, rng=rng, config=config, second=second)
        opacity = _render(record, chest, second=second)
        if opacity.mask.any() and opacity.outline.any():
            return opacity
    reason = f"no opacity showed, or reached alpha > {config.outline_threshold}, in {draws} draws"
    raise ImageError("opacity", reason, "lower outline_threshold or check the lungs", kind="empty_opacity")


def draw_opacity(
    image: Grey,
    labels: Grey,
    *,
    rng: np.random.Generator,
    config: OpacityConfig,
    second: ReadSecond | None = None,
) -> OpacityRecord | RivalRecord:
    """Draw kinds, place, severity and blending for `image` `(H, W)` with lung `labels` {0, 1, 2}.

    A rival that comes first is alone; otherwise rivals are left out, since kinds are laid over each other.
    Raises ImageError as `prepare_chest` does.
    """
    return _draw(prepare_chest(image, labels), rng=rng, config=config, second=second)


def render_opacity(
    record: OpacityRecord | RivalRecord, image: Grey, labels: Grey, *, second: ReadSecond | None = None
) -> Opacity:
    """Render a record: the same bytes whenever image, labels and second image are the same.

    Raises ImageError as `prepare_chest` does.
    """
    return _render(record, prepare_chest(image, labels), second=second)


def read_record(values: Mapping[str, Any]) -> OpacityRecord | RivalRecord:
    """Read the record of an opacity of ours or of a rival from plain JSON values. Raises ConfigError."""
    return RivalRecord.from_dict(values) if "rival" in values else OpacityRecord.from_dict(values)


def draw_variant_count(*, rng: np.random.Generator, config: OpacityConfig) -> int:
    """Draw how many synthetic images one radiograph gets, 1 .. len(config.variants)."""
    return 1 + int(rng.choice(len(config.variants), p=config.variants))


def _draw(
    chest: Chest,
    *,
    rng: np.random.Generator,
    config: OpacityConfig,
    second: ReadSecond | None,
) -> OpacityRecord | RivalRecord:
    names = list(config.kinds)
    weights = np.array([config.kinds[name] for name in names])
    count = 1 + int(rng.choice(len(config.composition), p=config.composition))
    chosen = rng.choice(len(names), size=count, p=weights / weights.sum())
    if is_rival(names[chosen[0]]):
        return draw_rival(names[chosen[0]], chest.image, chest.lungs, rng=rng, read_second=second)
    own = [names[i] for i in chosen if not is_rival(names[i])]
    return OpacityRecord(
        kinds=tuple(_draw_kind(name, chest.lungs, config, rng=rng) for name in own),
        gates=config.gates,
        blend=draw_blend(chest, config.blend, rng=rng),
        outline_threshold=config.outline_threshold,
        outline_width=config.outline_width,
    )


def _render(record: OpacityRecord | RivalRecord, chest: Chest, *, second: ReadSecond | None) -> Opacity:
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


def _draw_kind(name: str, lungs: Lungs, config: OpacityConfig, *, rng: np.random.Generator) -> DrawnKind:
    request = draw_request(lungs, config, rng=rng)
    params = kind_named(name).draw(lungs, request, rng=rng)
    return DrawnKind(name=name, severity=request.severity, params=params)


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
