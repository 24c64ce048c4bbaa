"""How far images are varied."""

from dataclasses import dataclass, fields

from artasyn.data_manifests.bounds import check_bounds

__all__ = ["AugmentConfig"]

LARGEST_COARSENING = 16
"""Of a side: an image of 32 pixels keeps two."""
LARGEST_BLUR = 32.0
"""In pixels; a wider one takes the time of a step and leaves nothing to see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentConfig:
    """How far images are varied; every range is symmetric and 0 (or 1 for factors) leaves a change out."""

    flip: float = 0.5
    """Chance of mirroring left and right."""
    rotation: float = 10.0
    """Largest turn, in degrees."""
    scale: float = 1.15
    """Largest enlargement, and its inverse the largest reduction, of each axis by itself."""
    shift: float = 0.06
    """Largest displacement, as a share of the side."""
    bend: float = 0.02
    """Largest displacement of a node of a 5 x 5 lattice over the image, as a share of the side."""
    opacity_gain: float = 1.4
    """Largest factor of what the opacity adds to the normal image, and its inverse the smallest."""
    part_probability: float = 0.5
    """Chance that an opacity is cut to parts of it, and its mask likewise."""
    part_until: float = 0.85
    """Share of the training after which opacities are learnt whole again."""
    gamma: float = 2.0
    """Largest exponent of the tone curve, and its inverse the smallest."""
    contrast: float = 1.8
    """Largest stretch about the mean, and its inverse the smallest."""
    brightness: float = 0.2
    """Largest addition, in grey levels of [0, 1]."""
    local_contrast: float = 0.5
    """Largest gain of structures finer than a sixth of the image; its loss is at most half of that."""
    noise: float = 0.04
    """Largest standard deviation of white noise, in grey levels of [0, 1]."""
    blur: float = 1.0
    """Largest deviation of the Gaussian blur, in pixels that the network sees; one image in three is blurred."""
    coarsen: int = 3
    """Largest loss of resolution, as a factor; one image in four is coarsened."""
    marker_probability: float = 0.3
    """Chance of one or two bright letters near the edge."""
    border_probability: float = 0.3
    """Chance of black or white bars left by the collimator."""
    border_width: float = 0.1
    """Largest width of a bar, as a share of the side."""
    device_probability: float = 0.3
    """Chance of a port, a lead or the like over the chest, which no mask marks."""
    breast_probability: float = 0.15
    """Chance of the shadows of two breasts, which no mask marks; as all that follows."""
    muscle_probability: float = 0.05
    """Chance of the shadows of the pectoral muscles."""
    scapula_probability: float = 0.05
    """Chance of scapulae over the lungs' lateral parts."""
    fold_probability: float = 0.04
    """Chance of a skin fold."""
    clavicle_probability: float = 0.06
    """Chance of bright clavicles and apices."""
    haze_probability: float = 0.06
    """Chance of the haze of a supine or stout patient."""
    squeeze_probability: float = 0.06
    """Chance of poor inspiration: lungs lower by 8 to 30 %."""
    spine_probability: float = 0.06
    """Chance of a bent spine (scoliosis) and a turned chest."""

    def __post_init__(self) -> None:
        chances = ("flip", *(f.name for f in fields(self) if f.name.endswith("_probability")))
        check_bounds(self, *chances, "part_until", table="augment", least=0, most=1)
        check_bounds(self, "scale", "opacity_gain", "gamma", "contrast", table="augment", least=1)
        check_bounds(self, "coarsen", table="augment", least=1, most=LARGEST_COARSENING)
        changes = ("rotation", "shift", "bend", "brightness", "noise", "local_contrast")
        check_bounds(self, *changes, table="augment", least=0)
        check_bounds(self, "blur", table="augment", least=0, most=LARGEST_BLUR)
        check_bounds(self, "border_width", table="augment", least=0, below=0.5)
