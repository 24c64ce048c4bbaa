"""Fit a network on stores in one call, for programs."""

from collections.abc import Callable, Sequence
from pathlib import Path

from artasyn.train.config import load_config
from artasyn.train.fitting.fit import plan_fit, run_fit
from artasyn.train.fitting.trainer import TrainingProgress
from artasyn.train.runtime.distributed import join_processes
from artasyn.train.scoring.thresholds import Thresholds

__all__ = ["fit"]


def fit(
    stores: str | Sequence[str],
    run: Path | str,
    *,
    preset: str | Path = "default",
    steps: int | None = None,
    minutes: float | None = None,
    seed: int | None = None,
    device: str = "auto",
    workers: int | None = None,
    resume: bool = False,
    watch: Callable[[TrainingProgress], None] | None = None,
) -> Thresholds | None:
    """Train on STORE, STORE@TAG or several of them, write the run folder and return its frozen thresholds.

    `preset` is a recipe's name or a TOML file; `steps` or `minutes` replace its budget. `device` is auto, cpu or
    cuda; `workers` processes read ahead, unless given none on a processor and up to 8 beside a GPU. `watch` is called
    at each line of the log, and at each image looked at after the last step. Started by torchrun, all processes train
    together, and all but the leading one return None.

    Raises ConfigError, StoreError, RunError, BusyError or WorkerError.
    """
    config = load_config(preset, steps=steps, minutes=minutes, seed=seed)
    names = [stores] if isinstance(stores, str) else list(stores)
    processes = join_processes(device)
    try:
        plan = plan_fit(config, names, Path(run), processes=processes, workers=workers, resume=resume)
        return run_fit(plan, watch=watch or _ignore)
    finally:
        processes.leave()


def _ignore(progress: TrainingProgress) -> None:
    """Show nothing."""
    del progress
