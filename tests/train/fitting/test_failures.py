"""Laws of what is said when a training ends: memory names the settings to change, anything else stays as it is."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from artasyn.data_manifests.errors import RunError
from artasyn.train.config import TrainConfig
from artasyn.train.fitting.fit import plan_fit, run_fit
from artasyn.train.runtime.distributed import join_processes

HUGE = 2**48


def gpu_is_full() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


def gpu_has_no_room_for_a_library() -> None:
    raise RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")


def train_until(
    fails: Callable[[], object], store: str, run: Path, config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Train, but do `fails` where the first loss would be computed."""
    monkeypatch.setattr("artasyn.train.objective.objective.focal", lambda *_, **__: fails())
    plan = plan_fit(config, [store], run, processes=join_processes("cpu"), workers=0, resume=False)
    run_fit(plan, watch=lambda _: None)


@pytest.mark.parametrize(
    "fails",
    [gpu_is_full, gpu_has_no_room_for_a_library, lambda: torch.empty(HUGE), lambda: np.empty(HUGE)],
)
def test_memory_that_ends_names_the_settings(
    fails: Callable[[], object],
    toy_store: str,
    tmp_path: Path,
    small: Callable[..., TrainConfig],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = r"does not fit into the memory of cpu .*optim.accumulate.*data.studies.*network.shrink"
    with pytest.raises(RunError, match=said):
        train_until(fails, toy_store, tmp_path / "run", small(), monkeypatch)


def test_any_other_failure_stays_what_it_is(
    toy_store: str, tmp_path: Path, small: Callable[..., TrainConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RuntimeError, match="must match the size"):
        train_until(lambda: torch.ones(2) + torch.ones(3), toy_store, tmp_path / "run", small(), monkeypatch)
