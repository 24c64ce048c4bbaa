"""What an adaptation changes of a training: each step takes as many pseudo-labelled images as synthetic studies."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from artasyn.data_manifests.bounds import check_bounds
from artasyn.train.adaptation.pseudo_labels import PseudoLabelledImages
from artasyn.train.config import TrainConfig
from artasyn.train.data.dataset import Batch, Item, StepBatches
from artasyn.train.data.stores import TrainingStore
from artasyn.train.optim.schedule import ScheduleConfig
from artasyn.train.runtime.distributed import Processes
from artasyn.train.runtime.precision import ComputeConfig
from artasyn.train.runtime.seeds import number_generator

__all__ = ["AdaptConfig", "MixedBatches", "adaptation_recipe", "mixed_batches"]

LOG_EVERY = 20
CHECKPOINT_EVERY = 100
WARM_UP = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptConfig:
    """How far a run moves towards its own pseudo-labels."""

    steps: int = 900
    """Steps, each of `data.studies` synthetic studies and as many unlabelled images."""
    learning_rate: float = 3e-4
    """Highest learning rate: lower than in the training before, most of which is to stay."""
    ema: float = 0.995
    """Share of the weights' moving average that each step keeps: a shorter memory than in a training from scratch."""

    def __post_init__(self) -> None:
        check_bounds(self, "steps", table="adapt", least=1)
        check_bounds(self, "learning_rate", table="adapt", above=0)
        check_bounds(self, "ema", table="adapt", least=0, below=1)


def adaptation_recipe(config: TrainConfig, adapt: AdaptConfig, device: torch.device) -> TrainConfig:
    """Return the recipe of the adaptation of a run that was trained by `config`.

    It ends with its one validation, so that the last weights are those kept, as no held-out image tells which suit
    the unlabelled ones best.
    """
    ends = -(-adapt.steps // LOG_EVERY) * LOG_EVERY
    return replace(
        config,
        seed=config.seed + 1,
        data=replace(config.data, studies=2 * config.data.studies),
        optim=replace(
            config.optim,
            learning_rate=adapt.learning_rate,
            ema=adapt.ema,
            accumulate=2 * config.optim.accumulate,
        ),
        schedule=ScheduleConfig(steps=adapt.steps, warm_up=WARM_UP),
        loop=replace(
            config.loop,
            log_every=LOG_EVERY,
            validate_every=ends,
            checkpoint_every=CHECKPOINT_EVERY,
            keep=0,
            patience=0,
        ),
        compute=_compute(config.compute, device),
    )


def _compute(config: ComputeConfig, device: torch.device) -> ComputeConfig:
    """Return the run's own precision; float32 on a processor for float16, which needs a GPU."""
    unfit = config.precision == "float16" and device.type == "cpu"
    return replace(config, precision="float32") if unfit else config


def mixed_batches(
    stores: Sequence[TrainingStore],
    images: PseudoLabelledImages,
    *,
    recipe: TrainConfig,
    processes: Processes,
) -> "MixedBatches":
    """Return the batches that an adaptation by `recipe` learns from."""
    return MixedBatches(
        stores, images, recipe, rank=processes.rank, world=processes.world, parts=recipe.optim.accumulate
    )


class MixedBatches(StepBatches):
    """Parts of a step, alternately of pseudo-labelled images and of synthetic studies.

    The synthetic part comes last: it has a loss for every head, which gradients of several processes wait for.
    """

    terms = ("pseudo_labels",)

    def __init__(
        self,
        stores: Sequence[TrainingStore],
        images: PseudoLabelledImages,
        recipe: TrainConfig,
        *,
        rank: int,
        world: int,
        parts: int,
    ) -> None:
        half = replace(recipe.data, studies=recipe.data.studies // 2)
        super().__init__(stores, half, seed=recipe.seed, rank=rank, world=world, parts=parts // 2)
        self.images = images
        self.names, self.versions = [*self.names, images.name], [*self.versions, images.version]

    def __getitem__(self, index: int) -> Batch:
        """Return the batch; raises DamageError where a shard is broken."""
        pair, synthetic = divmod(index, 2)
        if synthetic:
            batch = super().__getitem__(pair)
            return batch._replace(total=batch.total + self.config.studies)
        return self._pseudo_labelled(*divmod(pair, self.parts))

    def _pseudo_labelled(self, step: int, part: int) -> Batch:
        """Return this process's share of the unlabelled images; their studies are numbered after the synthetic ones."""
        count = self.config.studies
        share = count // (self.world * self.parts)
        first = (self.rank * self.parts + part) * share
        drawn = number_generator(self.seed, step, stage="unlabelled").integers(len(self.images), size=count)
        places = drawn[first : first + share]
        study = torch.arange(first, first + share) + count
        own = len(self.versions) - 1
        items = tuple(
            Item(own, int(row), altered=False, study=int(number))
            for row, number in zip(self.images.rows[places], study, strict=True)
        )
        total = count + len(self.plan(step))
        return self.images.batch(places)._replace(study=study, total=total, items=items)
