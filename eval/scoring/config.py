"""What a scoring is asked, and how that is said on the command line."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal

from artasyn.data_manifests.errors import ConfigError

__all__ = ["ScoreConfig", "options_of"]

UNSEEN = ("workers",)
"""Settings that never change a figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreConfig:
    """What is scored, and how carefully."""

    split: str = ""
    """Split of the evaluation store; empty for all."""
    protocol: Literal["artasyn", "official-compat"] = "artasyn"
    """`official-compat` adds the published evaluator's arithmetic, marked as such."""
    resamples: int = 1000
    """Bootstrap resamples."""
    seed: int = 0
    """Of the bootstrap."""
    allow_leak: bool = False
    """Score images that were trained on as well; the report says so."""
    pixel_only: bool = False
    """Leave out the image level, for stores of one class."""
    held_out: bool = False
    """Score the held-out synthetic studies of a training store."""
    recalibrate: str = ""
    """`STORE[@TAG]` of normal or unlabelled images of the place: thresholds learnt from them are reported beside."""
    severity: tuple[str, ...] = ()
    """Numeric columns of the store whose rank correlation with the marked share is reported, each by itself."""
    workers: int = 0
    """Processes that run the network; 0 is this one. Never changes a figure."""
    device: str = "cpu"
    """Where the network runs: `cpu`, `cuda`, `cuda:1`; float32 without TF32 on all of them."""
    batch: int = 1
    """Images at once through the network; more than one changes the last digits of maps and scores."""

    def __post_init__(self) -> None:
        """Refuse impossible numbers."""
        if self.workers < 0:
            raise ConfigError("workers", f"must be at least 0, got {self.workers}")
        if self.batch < 1:
            raise ConfigError("batch", f"must be at least 1, got {self.batch}")
        if self.held_out and self.split:
            reason = "has no meaning beside held_out, which names the part of the store itself"
            raise ConfigError("split", reason, "leave one of them out")


def options_of(config: ScoreConfig) -> list[str]:
    """Return the options of `artasyn-eval score` that differ from the defaults and may change a figure."""
    return list(_options(config))


def _options(config: ScoreConfig) -> Iterator[str]:
    for field in fields(config):
        value = getattr(config, field.name)
        if value == field.default or field.name in UNSEEN:
            continue
        option = "--" + field.name.replace("_", "-")
        if field.name == "recalibrate":  # where it lies says nothing to others, and may name a person
            value = value.rstrip("/").rpartition("/")[2]
        for said in value if isinstance(value, tuple) else (value,):
            yield option if said is True else f"{option} {shlex.quote(str(said))}"
