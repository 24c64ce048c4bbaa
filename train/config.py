"""Everything that decides what a training computes, as one frozen value; presets are TOML files beside this one."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from artasyn.data_manifests.bounds import check_bounds
from artasyn.data_manifests.config import load_recipe
from artasyn.data_manifests.errors import ConfigError
from artasyn.train.augment.config import AugmentConfig
from artasyn.train.data.dataset import DataConfig
from artasyn.train.models.anomaly_network import NetworkConfig
from artasyn.train.models.backbone import BackboneConfig
from artasyn.train.objective.objective import LossConfig, check_losses
from artasyn.train.optim.schedule import ScheduleConfig
from artasyn.train.runtime.precision import ComputeConfig
from artasyn.train.scoring.config import ImageScoreConfig, check_heads
from artasyn.train.scoring.thresholds import ThresholdConfig

__all__ = ["LoopConfig", "OptimConfig", "TrainConfig", "load_config"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimConfig:
    """How weights are moved: AdamW, clipped gradients, an average of the weights."""

    learning_rate: float = 1e-3
    """Highest learning rate."""
    weight_decay: float = 0.01
    """Decoupled decay of every weight, per unit of learning rate."""
    clip: float = 1.0
    """Largest norm of the whole gradient; 0 to leave it."""
    ema: float = 0.998
    """Share of the weights' moving average that each step keeps."""
    accumulate: int = 1
    """Parts in which a step is computed, to save memory; divides the studies of a process."""

    def __post_init__(self) -> None:
        check_bounds(self, "learning_rate", table="optim", above=0)
        check_bounds(self, "weight_decay", "clip", table="optim", least=0)
        check_bounds(self, "ema", table="optim", least=0, below=1)
        check_bounds(self, "accumulate", table="optim", least=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopConfig:
    """What happens beside the steps."""

    log_every: int = 20
    """Steps that one line of the log averages over."""
    validate_every: int = 200
    """Steps between validations; a multiple of log_every."""
    checkpoint_every: int = 200
    """Steps between checkpoints; a multiple of log_every."""
    keep: int = 0
    """Numbered checkpoints kept beside `last` and `best`."""
    validation_studies: int = 48
    """Held-out studies in a validation, at most; evenly spaced."""
    validation_variants: int = 2
    """Synthetic variants of each of them, at most; all of them count when thresholds are chosen."""
    calibration_studies: int = 400
    """Held-out studies that choose the thresholds at the end, at most."""
    score_studies: int = 800
    """Studies trained on whose images the image score is fitted on at the end, at most."""
    patience: int = 20
    """Validations without a better result after which training stops before its budget ends; 0 never does."""
    pictures: int = 6
    """Held-out images rendered at each validation."""

    def __post_init__(self) -> None:
        studies = ("validation_studies", "calibration_studies", "score_studies")
        check_bounds(self, "log_every", *studies, "validation_variants", table="loop", least=1)
        check_bounds(self, "keep", "patience", "pictures", table="loop", least=0)
        for name in ("validate_every", "checkpoint_every"):
            value = getattr(self, name)
            if value < 1 or value % self.log_every:
                raise ConfigError(
                    f"loop.{name}", f"must be a multiple of log_every={self.log_every}, got {value}"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """One training, but for its data."""

    seed: int = 0
    """Seed of every random draw."""
    network: NetworkConfig = field(default_factory=NetworkConfig)
    data: DataConfig = field(default_factory=DataConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    compute: ComputeConfig = field(default_factory=ComputeConfig)
    loop: LoopConfig = field(default_factory=LoopConfig)
    backbone: BackboneConfig = field(default_factory=BackboneConfig)
    score: ImageScoreConfig = field(default_factory=ImageScoreConfig)
    thresholds: ThresholdConfig = field(default_factory=ThresholdConfig)

    def __post_init__(self) -> None:
        check_losses(self.loss, self.network)
        check_heads(self.score, self.network)
        if self.seed < 0:
            raise ConfigError("seed", f"must be at least 0, got {self.seed}")
        if ":" in self.network.name:
            for name, weight in (
                ("loss.features", self.loss.features),
                ("score.normality", self.score.normality),
            ):
                if weight:
                    reason = f"network {self.network.name} gives no features"
                    raise ConfigError(name, reason, f"set {name} to 0")
        if self.loss.features and not (self.data.keep_together and self.data.normal_share == 1):
            raise ConfigError(
                "loss.features",
                "compares with the normal image, which the step does not hold",
                "set data.keep_together = true and data.normal_share = 1, or loss.features = 0",
            )


def load_config(
    preset: str | Path = "default",
    *,
    steps: int | None = None,
    minutes: float | None = None,
    seed: int | None = None,
) -> TrainConfig:
    """Read a shipped preset by name, or any TOML file by path, with another budget or seed where given.

    Raises ConfigError.
    """
    if steps and minutes:
        raise ConfigError("budget", "is either steps or minutes", "give one of them")
    config = load_recipe(TrainConfig, preset, package="artasyn.train")
    if steps or minutes:
        budget = replace(config.schedule, steps=steps or 0, minutes=minutes or config.schedule.minutes)
        config = replace(config, schedule=budget)
    return config if seed is None else replace(config, seed=seed)
