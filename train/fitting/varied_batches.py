"""Batches together with how they are varied: all that the processor has to work out for a step."""

from typing import NamedTuple

from torch.utils.data import Dataset

from artasyn.train.augment.augmentation import AugmentationPlan, draw_augmentation, plan_augmentation
from artasyn.train.config import TrainConfig
from artasyn.train.data.dataset import Batch, StepBatches
from artasyn.train.data.packed import Packed, pack
from artasyn.train.runtime.seeds import tensor_generator

__all__ = ["VariedBatch", "VariedBatches", "vary"]


class VariedBatch(NamedTuple):
    """A batch, and what is done to its images."""

    batch: Batch
    plan: AugmentationPlan


class VariedBatches(Dataset[Packed[VariedBatch]]):
    """The same items as `batches`, each with its plan, ready to be sent. Pure: any worker may read any item."""

    def __init__(self, batches: StepBatches, config: TrainConfig) -> None:
        self.batches, self.config = batches, config

    def __len__(self) -> int:
        """Return the number of batches."""
        return len(self.batches)

    def __getitem__(self, index: int) -> Packed[VariedBatch]:
        """Return the batch; raises DamageError where a shard is broken."""
        return vary(self.batches[index], self.config, step=index // self.config.optim.accumulate)


def vary(batch: Batch, config: TrainConfig, *, step: int) -> Packed[VariedBatch]:
    """Return the batch with its plan, as (seed, step) says.

    What is drawn covers all studies of the step, whichever part of it this batch is.
    """
    generator = tensor_generator(config.seed, step, stage="augment")
    drawn = draw_augmentation(config.augment, config.data.studies, generator=generator)
    side = batch.pixels.shape[-1] // config.network.shrink
    return pack(VariedBatch(batch, plan_augmentation(drawn, batch.study, side=side)))
