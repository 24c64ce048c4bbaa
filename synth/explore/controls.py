"""What can be turned on the page: keys of a recipe's table `[opacities]`, with their words and ends."""

from dataclasses import dataclass

__all__ = ["CONTROLS", "Control"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One slider, or two where the key is a range; one box to tick for `true` and `false`."""

    group: str
    path: str
    """Dotted key below `[opacities]`."""
    words: str
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01


CONTROLS = (
    Control(group="Severity", path="severity", words="Severity: 0 faint, 1 dense"),
    Control(group="Extent", path="extent.share", words="Share of the affected lungs that is covered"),
    Control(
        group="Extent", path="extent.bilateral_probability", words="Probability that both lungs are affected"
    ),
    Control(
        group="Place",
        path="extent.basal",
        words="Towards the base; below 0: towards the apex",
        low=-2,
        high=3,
    ),
    Control(
        group="Place",
        path="extent.peripheral",
        words="Towards the chest wall; below 0: towards the hilum",
        low=-2,
        high=2,
    ),
    Control(group="Place", path="gates.clip_to_lung", words="Only within the lungs"),
    Control(
        group="Blending", path="blend.reach", words="Brightness of faint opacity", low=0, high=4, step=0.05
    ),
    Control(group="Blending", path="blend.fade", words="How much of vessels and ribs it hides"),
    Control(
        group="Blending",
        path="blend.relief",
        words="Structures kept, finer than (pixels of 256)",
        high=40,
        step=1,
    ),
    Control(
        group="Blending",
        path="blend.surroundings",
        words="As bright as soft tissue within (pixels of 256; 0: one colour)",
        high=80,
        step=1,
    ),
    Control(
        group="Blending",
        path="blend.colour",
        words="The one colour, percentile of grey values",
        high=100,
        step=1,
    ),
    Control(
        group="Blending",
        path="gates.border_gap",
        words="Strips of spared lung at its border filled up to this width (pixels of 256)",
        high=24,
        step=1,
    ),
    Control(group="Blending", path="gates.rib_floor", words="Weight of an opacity on black pixels"),
    Control(
        group="Outline",
        path="outline_threshold",
        words="Outline where opacity exceeds (of 255)",
        high=254,
        step=1,
    ),
    Control(
        group="Outline",
        path="outline_width",
        words="Bays filled up to this width (pixels of 256)",
        high=64,
        step=1,
    ),
)
