"""How an image's score is made: from its map, and from how unusual the whole image is."""

from dataclasses import dataclass

from artasyn.data_manifests.bounds import check_bounds
from artasyn.data_manifests.errors import ConfigError
from artasyn.train.models.anomaly_network import NetworkConfig

__all__ = ["ImageScoreConfig", "check_heads"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageScoreConfig:
    """How a map, and how unusual the whole image is, become the score of an image."""

    top_share: float = 0.02
    """Share of the lungs, or of the image, that counts, where the map is largest, in (0, 1]."""
    inside_lungs: bool = True
    """Whether that is a share of the lungs that the network finds, if it has a head for them, and not of the image."""
    power: float = 1.0
    """Exponent of the map's values; 2 with top_share 1 is the mean squared residual."""
    flip: bool = True
    """Whether maps and features are the mean over the image and its mirror image: twice the time."""
    aeration: float = 1.0
    """Log-odds added for each standard deviation of the image by which its lungs seem to have lost air; 0: none."""
    lung_mean: float = 2.0
    """Weight of the mean over the lungs in the lost aeration, beside 1 for the place."""
    normality: float = 0.0
    """Weight of the distance of the network's own features from those of normal images; 0: none."""
    head: float = 0.75
    """Weight of a head taught normal against synthetic on a backbone's features, beside 1 for the map; 0: none."""
    head_ridge: float = 0.1
    """Penalty on the head's squared weights, beside its mean log loss."""
    distance: float = 1.0
    """Weight of the distance of the backbone's features from those of normal images, beside 1 for the map; 0: none."""
    distance_limit: float = 2.0
    """Deviations from a normal image's distance beyond which more distance does not raise the score; 0: no limit."""
    map_distance: float = 0.25
    """Log-odds added to the whole map for each deviation by which that distance is above a normal image's; 0: none."""
    map_patches: float = 0.0
    """The same for each place by itself: its features against those of normal images at that place; 0: none."""

    def __post_init__(self) -> None:
        terms = ("normality", "head", "distance", "map_distance", "map_patches")
        others = ("distance_limit", "head_ridge", "aeration", "lung_mean")
        check_bounds(self, *terms, *others, table="score", least=0)
        check_bounds(self, "top_share", table="score", above=0, most=1)
        check_bounds(self, "power", table="score", above=0)

    @property
    def pretrained(self) -> bool:
        """Whether a pretrained backbone has a say in the score or the map."""
        return bool(self.head or self.distance or self.map_distance or self.map_patches)

    def in_words(self) -> str:
        """Return what an image's score is, for readers of a report."""
        values = "values" if self.power == 1 else f"values to the power of {self.power:g}"
        place = "lungs found" if self.inside_lungs else "image"
        parts = [f"mean of the map's largest {values} over {100 * self.top_share:g} % of the {place}"]
        if self.normality:
            parts.append(f"distance of its features from those of normal images (weight {self.normality:g})")
        if self.head:
            parts.append(
                f"a head taught synthetic opacities on lung features pretrained on ImageNet (weight {self.head:g})"
            )
        if self.distance:
            parts.append(
                f"distance of pretrained lung features from those of normal images (weight {self.distance:g})"
            )
        return "; ".join(parts)


def check_heads(config: ImageScoreConfig, network: NetworkConfig) -> None:
    """Raise ConfigError where the maps need a head that the network lacks."""
    missing = {"segmentation", "lungs"}.difference(network.heads)
    if config.aeration and missing:
        reason = (
            f"needs the heads segmentation and lungs, network.heads lacks {' and '.join(sorted(missing))}"
        )
        raise ConfigError("score.aeration", reason, "add to network.heads or set 0")
