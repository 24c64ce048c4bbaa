"""Draw an opacity, render it, and both in one."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.grey_array import check_grey
from artasyn.synth.opacities.compositing.blend import draw_blend
from artasyn.synth.opacities.compositing.chest import Chest
from artasyn.synth.opacities.config import OpacityConfig
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.request import draw_request
from artasyn.synth.opacities.kinds.registry import kind_named
from artasyn.synth.opacities.lung_labels import check_labels
from artasyn.synth.opacities.record import DrawnKind, OpacityRecord
from artasyn.synth.opacities.rendering import Grey, Opacity, ReadSecond, render_in
from artasyn.synth.opacities.rivals.record import RivalRecord, draw_rival
from artasyn.synth.opacities.rivals.registry import is_rival

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

DEFAULT = OpacityConfig()


def prepare_chest(image: Grey, labels: Grey) -> Chest:
    """Return what all opacities in one image share, so that several of them measure it once; for `synthesize_in`.

    `image` `(H, W)`, lung `labels` of its shape: 1 the patient's right lung, 2 the left, else 0; of a mask of both
    lungs `artasyn.label_sides` makes them. Raises ImageError of kind `not_grey_uint8`, `bad_labels` or `no_lung`.
    """
    check_grey(image)
    check_labels(labels, image.shape)
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
    """Draw and render one opacity in `image` `(H, W)` with lung `labels` of its shape.

    Labels are 1 in the patient's right lung, 2 in the left, else 0; of a mask of both lungs `artasyn.label_sides` makes
    them. `second` returns another normal image, for published syntheses that take pixels from one. Raises ImageError as
    `prepare_chest` and `synthesize_in` do.
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
        opacity = render_in(record, chest, second=second)
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
    return render_in(record, prepare_chest(image, labels), second=second)


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


def _draw_kind(name: str, lungs: Lungs, config: OpacityConfig, *, rng: np.random.Generator) -> DrawnKind:
    request = draw_request(lungs, config, rng=rng)
    params = kind_named(name).draw(lungs, request, rng=rng)
    return DrawnKind(name=name, severity=request.severity, params=params)
