"""Adaptations of seconds, and what two of them are compared by."""

from collections.abc import Callable
from pathlib import Path

import torch

from artasyn.train.adaptation.adapt import adapt
from artasyn.train.adaptation.plan import plan_adapt
from artasyn.train.adaptation.self_training import AdaptConfig
from artasyn.train.fitting.trainer import TrainingProgress
from artasyn.train.runs.checkpoint import read_checkpoint
from artasyn.train.runs.read_log import read_log
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runtime.distributed import join_processes

NewStore = Callable[..., str]


def adapted(
    run: Path,
    clinic: str,
    store: str,
    out: Path,
    *,
    steps: int = 40,
    watch: Callable[[TrainingProgress], None] = lambda _: None,
) -> Path:
    config = AdaptConfig(steps=steps)
    plan = plan_adapt(run, clinic, [store], out, config=config, processes=join_processes("cpu"))
    adapt(plan, watch=watch)
    return out


def weights(run: Path) -> dict[str, torch.Tensor]:
    return read_checkpoint(RunFolder(run).checkpoint("best"))[0]


def same_weights(a: Path, b: Path) -> bool:
    first, second = weights(a), weights(b)
    return first.keys() == second.keys() and all(torch.equal(v, second[k]) for k, v in first.items())


def log_of(run: Path) -> list[tuple[float, ...]]:
    return [
        tuple(row.get(name, -1.0) for name in ("step", "loss", "pseudo_labels", "gradient"))
        for row in read_log(run / "log.csv")
    ]
