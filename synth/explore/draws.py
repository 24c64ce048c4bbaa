"""Draw one opacity as the page asks for it, and return all that it shows."""

import functools
import json
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from artasyn.data_manifests.errors import ConfigError, ImageError
from artasyn.synth.config import SynthConfig
from artasyn.synth.explore.pictures import (
    LUNG,
    MASK,
    OUTLINE,
    data_uri,
    grey_png,
    heat_png,
    line_png,
    tint_png,
)
from artasyn.synth.explore.recipe_text import recipe_text
from artasyn.synth.explore.subjects import Subject, Subjects, second_of
from artasyn.synth.opacities import Opacity, OpacityConfig, synthesize
from artasyn.synth.opacities.rivals.registry import kind_or_rival
from artasyn.synth.seeds import generator

__all__ = ["Wanted", "draw", "safe_settings", "shown_subject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which opacity on which radiograph."""

    subject: int
    """Place among the subjects."""
    settings: OpacityConfig
    seed: int = 0
    variant: int = 0
    """Variants of one seed are those that a build with this seed makes of the radiograph."""

    def __post_init__(self) -> None:
        """Refuse what no generator takes."""
        if self.seed < 0 or self.variant < 0:
            raise ConfigError("seed", f"must not be negative, got {self.seed} and variant {self.variant}")


def safe_settings(settings: OpacityConfig, base: OpacityConfig) -> OpacityConfig:
    """Return settings that came from a page, checked: kinds are known, and no path of the page's is opened.

    The picture of the brush stays that of `base`. Raises ConfigError.
    """
    for name in settings.kinds:
        kind_or_rival(name)
    return replace(settings, brush=replace(settings.brush, file=base.brush.file))


def draw(subjects: Subjects, wanted: Wanted, base: SynthConfig) -> dict[str, Any]:
    """Return pictures (PNG as text), what was drawn, and the recipe. Raises ConfigError, ImageError."""
    started = time.perf_counter()
    settings = safe_settings(wanted.settings, base.opacities)
    subject = subjects.read(wanted.subject)
    if subject.refused:
        reason = f"its lung fields were not accepted: {subject.refused}, quality {subject.quality:.2f}"
        raise ImageError(subject.name, reason, "choose another radiograph", kind=subject.refused)
    second = functools.cache(lambda: second_of(subjects, wanted.subject))
    rng = generator(wanted.seed, subject.name, wanted.variant, stage="opacity")
    opacity = synthesize(subject.image, subject.lungs, rng=rng, config=settings, second=second)
    return {
        **_pictures(subject, opacity),
        **_facts(subject, opacity),
        "recipe": recipe_text(replace(base, opacities=settings)),
        "milliseconds": round(1000 * (time.perf_counter() - started)),
    }


def shown_subject(subject: Subject) -> dict[str, Any]:
    """Return a radiograph and its lungs, as the page shows them where nothing can be drawn."""
    return {
        "name": subject.name,
        "refused": subject.refused,
        "quality": round(subject.quality, 3),
        "image": data_uri(grey_png(subject.image)),
        "lungs": data_uri(line_png(subject.lungs, LUNG)),
    }


def _pictures(subject: Subject, opacity: Opacity) -> dict[str, str]:
    made = {
        "image": grey_png(subject.image),
        "altered": grey_png(opacity.altered),
        "alpha": heat_png(opacity.alpha),
        "mask": tint_png(opacity.mask, MASK),
        "outline": line_png(opacity.outline, OUTLINE),
        "lungs": line_png(subject.lungs, LUNG),
    }
    return {name: data_uri(png) for name, png in made.items()}


def _facts(subject: Subject, opacity: Opacity) -> dict[str, Any]:
    record = opacity.record.to_dict()
    inside = subject.lungs > 0
    second = record.get("second") or {}
    return {
        "name": subject.name,
        "drawn": [[k["name"], round(k["severity"], 2)] for k in record.get("kinds", [])],
        "rival": record.get("rival", ""),
        "second": second.get("image_id", ""),
        "record": json.dumps(record, indent=1),
        "covered": round(float(np.mean(opacity.mask[inside] > 0)), 3),
    }
