"""Lung fields by PBTSeg, the published rule: the largest plausible dark component on each side."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ConfigError
from artasyn.synth.lungs.lung_field import LEFT, RIGHT
from artasyn.synth.lungs.morphology import fill_holes
from artasyn.synth.lungs.pbtseg.components import DarkComponent, split, whole
from artasyn.synth.lungs.pbtseg.criteria import border_share, is_central, is_solid

__all__ = ["PbtsegConfig", "segment_by_pbtseg"]

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class PbtsegConfig:
    """PBTSeg of Cao, Fan and Cai (WACV 2026, arXiv 2512.00310); areas are shares of the image."""

    first_threshold: int = 50
    """Lowest grey value at which the image is cut."""

    last_threshold: int = 160
    """Highest grey value at which the image is cut."""

    step: int = 5
    """Distance of two cuts, in grey values."""

    hopeless_after: int = 130
    """Grey value above which the first cut without a candidate ends the search."""

    min_area: float = 2000 / 65536
    """A lung covers more than this share of the image."""

    max_area: float = 10000 / 65536
    """A lung covers less than this share of the image."""

    min_solidity: float = 0.6
    """Area over the area of the convex hull, both in pixels, is above this."""

    max_border: float = 0.15
    """Pixels of the convex hull on the image border, over the hull's perimeter, are below this."""

    def __post_init__(self) -> None:
        """Refuse settings that could never find a lung."""
        if not 0 <= self.first_threshold <= self.last_threshold <= 255 or self.step < 1:
            raise ConfigError("thresholds", "must rise within 0 to 255 by a step of at least 1")
        if not 0 < self.min_area < self.max_area <= 1:
            raise ConfigError("min_area", "must be above 0 and below max_area, which is at most 1")


def segment_by_pbtseg(image: Grey, config: PbtsegConfig) -> Grey:
    """Return labels (H, W) uint8: 0, RIGHT, LEFT; a side where nothing fits stays empty.

    Equal to labelling every cut and measuring every component with scikit-image, in a fraction of the time: cuts are
    taken downwards, where components only shrink and fall apart, so most of them soon cannot win any more.
    """
    search = _Search(image, config)
    late = search.late_cuts()
    for components in reversed(late):
        search.improve(components)
    components = late[0] if late else [whole(image)]
    for threshold in reversed([t for t in _thresholds(config) if t <= config.hopeless_after]):
        if not any(search.may_improve(component) for component in components):
            break
        components = search.split(components, threshold)
        search.improve(components)
    return search.labels()


def _thresholds(config: PbtsegConfig) -> range:
    return range(config.first_threshold, config.last_threshold + 1, config.step)


@dataclass(slots=True)
class _Search:
    image: Grey
    config: PbtsegConfig
    lungs: dict[int, DarkComponent] = field(default_factory=dict)
    """The largest candidate so far of each side."""

    def late_cuts(self) -> list[list[DarkComponent]]:
        """Return the components of each cut above `hopeless_after`, up to the one that ends the search."""
        cuts: list[list[DarkComponent]] = []
        for threshold in (t for t in _thresholds(self.config) if t > self.config.hopeless_after):
            cuts.append(self.split([whole(self.image)], threshold))
            if not any(self._is_candidate(component) for component in cuts[-1]):
                break
        return cuts

    def split(self, components: list[DarkComponent], threshold: int) -> list[DarkComponent]:
        """Return what the components fall into at a lower cut, but for what can no longer matter."""
        least = math.floor(self.config.min_area * self.image.size) + 1
        if len(self.lungs) == 2:
            least = max(least, min(lung.area for lung in self.lungs.values()))
        return [part for c in components for part in split(c, self.image, threshold, least=least)]

    def may_improve(self, component: DarkComponent) -> bool:
        """Tell whether a part of the component could be a larger lung than those found."""
        x, _, w, _ = component.box
        return any(
            component.area >= self._area(side) and self._reaches(side, x, x + w) for side in (RIGHT, LEFT)
        )

    def improve(self, components: list[DarkComponent]) -> None:
        """Put the two largest candidates of a cut in the place of lungs that are no larger."""
        ranked = sorted(components, key=lambda c: c.order)
        found: dict[int, DarkComponent] = {}
        for rank, component in enumerate(ranked):
            side = self._side(component)
            # Measuring is dear: it is left to those that could take a place, and those that might be before them.
            useful = side and side not in found and component.area >= self._area(side)
            if useful and self._is_candidate(component) and self._are_fewer_than_two(ranked[:rank]):
                found[side] = component
        self.lungs |= found

    def labels(self) -> Grey:
        """Return the lungs found, their holes filled."""
        labels = np.zeros(self.image.shape, np.uint8)
        for side in sorted(self.lungs):
            x, y, w, h = self.lungs[side].box
            labels[y : y + h, x : x + w][fill_holes(self.lungs[side].mask) > 0] = side
        return labels

    def _area(self, side: int) -> int:
        return self.lungs[side].area if side in self.lungs else 0

    def _reaches(self, side: int, left: int, right: int) -> bool:
        """Tell whether columns `left` to `right` reach into the third of the image on this side."""
        width = int(self.image.shape[1])
        return 3 * left < width if side == RIGHT else 3 * right > 2 * width

    def _side(self, component: DarkComponent) -> int:
        x, _, w, _ = component.box
        return next((side for side in (RIGHT, LEFT) if self._reaches(side, x, x + w)), 0)

    def _are_fewer_than_two(self, larger: list[DarkComponent]) -> bool:
        return len(larger) < 2 or sum(self._is_candidate(component) for component in larger) < 2

    def _is_candidate(self, component: DarkComponent) -> bool:
        _, _, w, h = component.box
        return (
            component.area < self.config.max_area * self.image.size
            and h > w
            and is_central(component, self.image.shape)
            and is_solid(component, self.config.min_solidity)
            and border_share(component, self.image.shape) < self.config.max_border
        )
