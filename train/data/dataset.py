"""Read the images of one optimisation step, or of a part of it, straight from the shards of a store."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from artasyn.data_manifests.bounds import check_bounds
from artasyn.data_manifests.errors import ConfigError
from artasyn.data_manifests.store.version import Version
from artasyn.train.data.sampler import StudyOrder
from artasyn.train.data.stores import Studies, TrainingStore
from artasyn.train.runtime.seeds import number_generator

__all__ = ["Batch", "DataConfig", "Item", "StepBatches"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataConfig:
    """What makes up one optimisation step."""

    studies: int = 8
    """Studies a step, over all processes and accumulated parts together."""
    variants: int = 1
    """Synthetic variants taken of each study, at most; drawn anew each time."""
    normal_share: float = 0.25
    """Chance that a study shows its normal image: in place of its variants, or beside them if `keep_together`."""
    keep_together: bool = False
    """Whether the normal image comes in the same step as the variants (needed by loss.features)."""
    target: Literal["mask", "outline"] = "outline"
    """What the network learns to mark: the pixels that change visibly, or the region that a reader would draw."""
    window: int = 0
    """Shards shuffled together; 0 shuffles everything (right for local disks)."""
    weights: tuple[float, ...] = ()
    """Share of each store in the mixture; empty for shares by size."""

    def __post_init__(self) -> None:
        check_bounds(self, "studies", "variants", table="data", least=1)
        check_bounds(self, "window", table="data", least=0)
        check_bounds(self, "weights", table="data", above=0)
        if not 0 <= self.normal_share < 1 and not (self.keep_together and self.normal_share == 1):
            raise ConfigError(
                "data.normal_share", f"must be in [0, 1), got {self.normal_share}", "1 needs keep_together"
            )


class Item(NamedTuple):
    """One image of a batch: which row, with its opacity or as it was."""

    store: int
    row: int
    altered: bool
    study: int
    """Place of its study in the step, from 0."""


class Batch(NamedTuple):
    """The images of a step or of a part of it, as stored."""

    pixels: Tensor
    """`(B, 4, H, W)` uint8: what the network sees, the normal image, the target and the lung field, {0, 1}."""
    study: Tensor
    """`(B,)` int64: place of each image's study in the whole step."""
    normal_of: Tensor
    """`(B,)` int64: place in this batch of the same study's normal image, -1 where it is not there."""
    total: int
    """Images in the whole step, over all processes and parts."""
    items: tuple[Item, ...]
    """What each image is, to name it should its loss not be finite."""
    pseudo_labelled: bool = False
    """Whether a network marked the images: then the mask is all that can be learnt from them."""


class StepBatches(Dataset[Batch]):
    """Item k is a whole batch: part k % parts of step k // parts. Pure: any worker may read any item."""

    terms: tuple[str, ...] = ()
    """Losses of its batches beside those of the recipe."""

    def __init__(
        self,
        stores: Sequence[TrainingStore],
        config: DataConfig,
        *,
        seed: int,
        rank: int,
        world: int,
        parts: int,
    ) -> None:
        """Serve process `rank` of `world`, which reads each step in `parts` accumulated parts."""
        if config.studies % (world * parts):
            reason = f"must be a multiple of processes x accumulated parts = {world} x {parts}, got {config.studies}"
            raise ConfigError("data.studies", reason)
        self.names = [store.name for store in stores]
        self.versions = [store.version for store in stores]
        self.studies = [store.train for store in stores]
        self.config, self.seed, self.parts = config, seed, parts
        self.rank, self.world = rank, world
        weights = config.weights or [float(len(s)) for s in self.studies]
        if len(weights) != len(stores):
            raise ConfigError("data.weights", f"gives {len(weights)} shares for {len(stores)} stores")
        self.order = StudyOrder(
            [s.shards for s in self.studies], weights=weights, window=config.window, seed=seed
        )

    def __len__(self) -> int:
        """Return a number beyond any training; the sampler ends it."""
        return 2**62

    def __getitem__(self, index: int) -> Batch:
        """Return the batch; raises DamageError where a shard is broken."""
        step, part = divmod(index, self.parts)
        items = self.plan(step)
        share = self.config.studies // (self.world * self.parts)
        first = (self.rank * self.parts + part) * share
        mine = tuple(item for item in items if first <= item.study < first + share)
        return _read_batch(self.versions, mine, target=self.config.target, total=len(items))

    def plan(self, step: int) -> tuple[Item, ...]:
        """Return the items of the whole step, over all processes and parts."""
        rng = number_generator(self.seed, step, stage="variants")
        places = self.order.places(step * self.config.studies, self.config.studies)
        return tuple(
            item
            for j, (store, study) in enumerate(places.tolist())
            for item in _draw_items(self.studies[store], store, study, j, config=self.config, rng=rng)
        )


def _draw_items(
    studies: Studies, store: int, study: int, place: int, *, config: DataConfig, rng: np.random.Generator
) -> list[Item]:
    """Draw what one study shows; always the same number of draws, so that studies stay independent."""
    with_normal = rng.random() < config.normal_share
    rows = rng.permutation(studies.rows[study])
    normal = Item(store, int(studies.rows[study][0]), altered=False, study=place)
    if with_normal and not config.keep_together:
        return [normal]
    variants = [Item(store, int(row), altered=True, study=place) for row in rows[: config.variants]]
    return [normal, *variants] if with_normal else variants


def _read_batch(versions: Sequence[Version], items: Sequence[Item], *, target: str, total: int) -> Batch:
    """Read the items, `target` (a channel) beside them; a normal image gets an empty one."""
    side = versions[items[0].store].shape.size
    pixels = np.empty((len(items), 4, side, side), np.uint8)
    for place, item in zip(pixels, items, strict=True):
        _read_(place, versions[item.store], item, target)
    normals = {item.study: place for place, item in enumerate(items) if not item.altered}
    return Batch(
        pixels=torch.from_numpy(pixels),
        study=torch.tensor([item.study for item in items]),
        normal_of=torch.tensor([normals.get(item.study, -1) for item in items]),
        total=total,
        items=tuple(items),
    )


def _read_(pixels: NDArray[np.uint8], version: Version, item: Item, target: str) -> None:
    """Write one item into `(4, H, W)` in place."""
    seen = "altered" if item.altered else "image"
    version.read_into_(pixels, item.row, channels=(seen, "image", target, "lungs"))
    pixels[2] *= item.altered
    np.not_equal(pixels[3], 0, out=pixels[3].view(bool))  # a minimum takes ten times as long
