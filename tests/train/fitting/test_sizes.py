"""One recipe fits stores of every size."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from artasyn.train.config import TrainConfig
from artasyn.train.fitting.fit import plan_fit, run_fit
from artasyn.train.runs.run import open_run
from artasyn.train.runtime.distributed import join_processes
from artasyn.train.scoring.anomaly_map import predict

LOOP = {"log_every": 1, "validate_every": 2, "checkpoint_every": 2, "pictures": 0, "calibration_studies": 1}
ENDS = {"loop": LOOP, "schedule": {"steps": 2}, "data": {"studies": 2}}


@pytest.mark.parametrize("size", [256, 512, 1024])
def test_one_recipe_trains_at_every_size(
    size: int,
    tmp_path: Path,
    small: Callable[..., TrainConfig],
    new_store: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(new_store.__globals__, "SIZE", size)
    store = new_store(tmp_path / "store", studies=3)
    config = small(**ENDS, score={"head": 0.0, "distance": 0.0})
    plan = plan_fit(
        config, [store], tmp_path / "run", processes=join_processes("cpu"), workers=0, resume=False
    )
    assert run_fit(plan, watch=lambda _: None) is not None
    run = open_run(tmp_path / "run")
    assert run.size == size
    assert predict(run.network, torch.rand(1, 1, size, size), run.config.score).maps.shape == (1, size, size)
