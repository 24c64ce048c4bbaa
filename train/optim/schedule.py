"""The learning rate over a training, as a function that can be plotted."""

import math
from dataclasses import dataclass

from artasyn.data_manifests.bounds import check_bounds
from artasyn.data_manifests.errors import ConfigError

__all__ = ["ScheduleConfig", "learning_rate_factor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleConfig:
    """How long to train, and how the learning rate rises and falls."""

    steps: int = 0
    """Optimisation steps; 0 to train for `minutes` instead. Only such a run repeats bit for bit."""
    minutes: float = 20.0
    """Minutes to train where `steps` is 0, validation included."""
    warm_up: float = 0.03
    """Share of the training in which the learning rate rises from 0."""
    final: float = 0.01
    """Learning rate at the end, as a share of the highest."""

    def __post_init__(self) -> None:
        check_bounds(self, "steps", "minutes", table="schedule", least=0)
        if not (self.steps or self.minutes):
            raise ConfigError(
                "schedule", f"needs steps > 0 or minutes > 0, got {self.steps} and {self.minutes}"
            )
        check_bounds(self, "warm_up", table="schedule", least=0, below=1)
        check_bounds(self, "final", table="schedule", least=0, most=1)


def learning_rate_factor(progress: float, config: ScheduleConfig) -> float:
    """Return the learning rate at `progress` in [0, 1] as a share of the highest: a linear rise, then a cosine."""
    if progress < config.warm_up:
        return max(progress / config.warm_up, 1e-3)
    fallen = min(1.0, (progress - config.warm_up) / (1 - config.warm_up))
    return config.final + (1 - config.final) * 0.5 * (1 + math.cos(math.pi * fallen))
