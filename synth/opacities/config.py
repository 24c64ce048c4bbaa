"""What a user can set about the opacities; one table `[opacities]` in a preset."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from artasyn.data_manifests.errors import ConfigError
from artasyn.synth.opacities.config_checks import check_not_negative, check_positive, check_range, check_share

__all__ = ["BlendConfig", "BrushConfig", "ExtentConfig", "GateConfig", "OpacityConfig"]

Range = tuple[float, float]

PREFERENCE = 10.0
"""Largest preference of place: beyond, nothing changes any more."""

MIXTURE = {
    "ground_glass": 0.25,
    "patchy": 0.17,
    "consolidation": 0.13,
    "reticular": 0.11,
    "lobar": 0.08,
    "airspace": 0.11,
    "effusion": 0.06,
    "nodular": 0.05,
    "peribronchial": 0.03,
    "brush": 0.01,
}
"""Weights of the kinds in our own mixture; chosen by `research/realism.py` and by transfer to real images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrushConfig:
    """Strokes of a textured brush; lengths are in pixels of a 256-pixel image and scale with the image."""

    file: str = ""
    """Path of a picture to use as the brush tip, from the folder where the command runs; empty: the procedural tips."""
    tips: int = 4
    """Number of procedural tips to choose from."""
    stroke_counts: tuple[int, ...] = (0, 1, 2, 3, 4, 10, 11, 12, 13, 14)
    """Possible numbers of strokes in one lung."""
    no_stroke_probability: float = 0.2
    """Probability of the first count; the others share the rest equally."""
    bend: float = 30.0
    """Largest shift of a stroke's control point from the middle, on each axis, in pixels."""
    widths: tuple[float, ...] = (80.0, 50.0)
    """Brush width of each stamp layer, in pixels."""
    spacing: float = 0.05
    """Distance of stamps along a stroke, as a share of the brush width."""
    width_jitter: Range = (0.3, 1.0)
    """Width of one stamp, as a share of the brush width."""
    opacity_jitter: Range = (0.07, 0.3)
    """Opacity of one stamp."""
    flow_jitter: Range = (0.67, 1.0)
    """Factor on the opacity of one stamp."""
    stroke_opacity: float = 0.95
    """Factor on the opacity of a finished stroke."""
    density: Range = (0.3, 0.9)
    """Factor on the finished drawing at severity 0 and 1."""
    cells: int = 500
    """Number of Voronoi cells of the crystallised layers."""

    def __post_init__(self) -> None:
        """Refuse what cannot be painted."""
        check_share(self, "no_stroke_probability", "stroke_opacity")
        check_range(self, "width_jitter", "opacity_jitter", "flow_jitter", "density")
        if len(self.stroke_counts) < 2 or max(self.stroke_counts) < 1:
            raise ConfigError("stroke_counts", f"needs two counts and one above 0, got {self.stroke_counts}")
        if not self.widths or min(self.widths) <= 0:
            raise ConfigError("widths", f"needs widths above 0, got {self.widths}")
        check_positive(self, "tips", "cells", "spacing")
        check_not_negative(self, "bend")


@dataclass(frozen=True, slots=True, kw_only=True)
class GateConfig:
    """How the anatomy holds an opacity back; lengths in pixels of a 256-pixel image."""

    clip_to_lung: bool = True
    """Nothing outside the lungs, their hidden part behind heart and diaphragm included, and the outline inside the
    lung field; `dilate` and `edge` then have no effect."""
    border_gap: float = 0.0
    """Strips of spared lung narrower than this between an opacity and the lung field's border are filled; 0: none.
    12 leaves hardly any dark line beside heart and diaphragm."""
    dilate: float = 1.0
    """Width of the square that widens the lung field before its edge is softened (1: not widened)."""
    edge: float = 1.5
    """Standard deviation of the Gaussian that softens the lung field's edge."""
    rib_floor: float = 0.85
    """Weight of an opacity on black pixels; white pixels have weight 1."""
    gain: float = 1.0
    """Factor on the gated opacity, before it is clipped to 1."""

    def __post_init__(self) -> None:
        """Refuse weights outside [0, 1] and negative lengths."""
        check_share(self, "rib_floor")
        check_positive(self, "edge", "gain")
        check_not_negative(self, "border_gap")
        if self.dilate < 1:
            raise ConfigError("dilate", f"must be 1 or more, got {self.dilate}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendConfig:
    """How an opacity is laid into the image."""

    surroundings: float = 24.0
    """A full opacity is as bright as the soft tissue about it (Gaussian sigma, pixels of a 256-pixel image); 0: one
    colour for the whole image."""
    border: float = 0.0
    """Tissue within about this of a place (Gaussian sigma, pixels of a 256-pixel image) counts six times as much, so
    that a dense opacity is as bright as the heart or diaphragm it touches and hides their border; 0: no difference."""
    behind: float = 0.15
    """Share of a lung's air taken to lie behind heart, diaphragm or bone where these touch the lung field: what a full
    opacity still brightens there. More leaves their borders standing out."""
    colour: Range = (85.0, 85.0)
    """Percentile of the image's grey values that is the one colour (drawn uniformly)."""
    reach: Range = (1.0, 2.0)
    """How steeply the brightness rises with alpha: share of the way from lung to soft tissue for each unit of a faint
    alpha (drawn uniformly). Above 1 the rise flattens: a full opacity is as bright as soft tissue, never brighter."""
    relief: float = 14.0
    """Structures finer than this (Gaussian sigma, pixels of a 256-pixel image) keep their relief; 0: alpha blending."""
    fade: Range = (0.0, 0.4)
    """Share of that relief (vessels, ribs, noise) which a full opacity hides (drawn uniformly)."""

    def __post_init__(self) -> None:
        """Refuse values outside their ranges."""
        check_range(self, "colour", high=100.0)
        check_range(self, "fade")
        check_range(self, "reach", high=4.0)
        check_share(self, "behind")
        check_not_negative(self, "relief", "surroundings", "border")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtentConfig:
    """Which part of the lungs an opacity takes."""

    share: Range = (0.08, 1.0)
    """Share of the affected lungs that is covered."""
    skew: float = 0.8
    """Exponent on the uniform draw of `share`; above 1 favours small ones."""
    bilateral_probability: float = 0.83
    """Probability that both lungs are affected."""
    basal: Range = (-0.1, 1.6)
    """Preference for the base over the apex (drawn uniformly; negative: the apex)."""
    peripheral: Range = (-1.2, 0.8)
    """Preference for the lateral rim over the hilum (drawn uniformly)."""
    erect_probability: float = 0.3
    """Probability that fluid (`effusion`) has a level with a meniscus and hides the costophrenic angle, as in an erect
    patient; else it veils the base, as in one lying down."""

    def __post_init__(self) -> None:
        """Refuse shares and probabilities outside [0, 1], and ranges that end before they begin."""
        check_range(self, "share")
        check_share(self, "bilateral_probability", "erect_probability")
        check_range(self, "basal", "peripheral", low=-PREFERENCE, high=PREFERENCE)
        check_positive(self, "skew")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpacityConfig:
    """The mixture of opacity kinds and how they are drawn."""

    kinds: Mapping[str, float] = field(default_factory=lambda: dict(MIXTURE))
    """Weight of each kind in the mixture."""
    composition: tuple[float, ...] = (0.7, 0.25, 0.05)
    """Probabilities of one, two, ... kinds in the same image."""
    severity: Range = (0.4, 1.0)
    """Faint (0) to dense (1), drawn uniformly."""
    outline_threshold: int = 20
    """The outline is alpha (8 bit) > this; the mask needs no setting: it is what changes visibly."""
    outline_width: float = 24.0
    """Bays and gaps narrower than about this (pixels of a 256-pixel image) are veiled just enough to belong to the
    outline, as a reader draws it; 0: off."""
    variants: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    """Probabilities of one, two, ... synthetic images for each radiograph."""
    redraws: int = 8
    """How often an opacity with an empty mask is drawn anew."""
    extent: ExtentConfig = field(default_factory=ExtentConfig)
    """Where the opacity lies."""
    brush: BrushConfig = field(default_factory=BrushConfig)
    """The kind `brush`."""
    gates: GateConfig = field(default_factory=GateConfig)
    """How the anatomy holds it back."""
    blend: BlendConfig = field(default_factory=BlendConfig)
    """How it is laid into the image."""

    def __post_init__(self) -> None:
        """Refuse mixtures that cannot be drawn; kinds are known by name in `artasyn.synth.opacities.kinds.registry`."""
        if not self.kinds or min(self.kinds.values()) < 0 or sum(self.kinds.values()) <= 0:
            raise ConfigError("kinds", f"needs a positive weight, got {dict(self.kinds)}")
        for name in ("composition", "variants"):
            if abs(sum(getattr(self, name)) - 1) > 1e-6 or min(getattr(self, name)) < 0:
                raise ConfigError(name, f"must be probabilities that add up to 1, got {getattr(self, name)}")
        if not 0 <= self.outline_threshold < 255:
            raise ConfigError("outline_threshold", f"must lie in 0..254, got {self.outline_threshold}")
        check_not_negative(self, "redraws", "outline_width")
        check_range(self, "severity")
