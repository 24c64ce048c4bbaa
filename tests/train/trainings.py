"""Trainings of seconds, and what two of them are compared by."""

from collections.abc import Callable
from pathlib import Path

import torch

from artasyn.train.config import TrainConfig
from artasyn.train.fitting.fit import plan_fit, run_fit
from artasyn.train.fitting.trainer import TrainingProgress
from artasyn.train.runs.checkpoint import read_checkpoint
from artasyn.train.runs.read_log import read_log
from artasyn.train.runtime.distributed import join_processes

Small = Callable[..., TrainConfig]


def train(
    config: TrainConfig,
    store: str,
    run: Path,
    *,
    resume: bool = False,
    watch: Callable[[TrainingProgress], None] = lambda _: None,
) -> Path:
    plan = plan_fit(config, [store], run, processes=join_processes("cpu"), workers=0, resume=resume)
    run_fit(plan, watch=watch)
    return run


def curve(run: Path) -> list[dict[str, float]]:
    """Return the log without the columns that tell the time."""
    times = {"seconds", "images_per_second", "share_waiting"}
    return [{k: v for k, v in row.items() if k not in times} for row in read_log(run / "log.csv")]


def weights(run: Path) -> dict[str, torch.Tensor]:
    return read_checkpoint(run / "checkpoints" / "last.safetensors")[0]


def assert_same_run(a: Path, b: Path) -> None:
    assert curve(a) == curve(b)
    first, second = weights(a), weights(b)
    assert first.keys() == second.keys()
    assert [name for name in first if not torch.equal(first[name], second[name])] == []
    known = [read_checkpoint(run / "image_score.safetensors")[0] for run in (a, b)]
    assert all(torch.equal(value, known[1][name]) for name, value in known[0].items())


class Stop(Exception):
    """Leaves a training as an interruption would, between two steps."""


def stop_at(step: int) -> Callable[[TrainingProgress], None]:
    def watch(progress: TrainingProgress) -> None:
        if progress.step >= step:
            raise Stop

    return watch
