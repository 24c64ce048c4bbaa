"""Laws of learning: golden losses, a loss that falls, parts that add up, a seed that decides."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from artasyn.data_manifests.errors import RunError
from artasyn.train.fitting.trainer import TrainingProgress
from artasyn.train.runs.run import open_run
from artasyn.train.scoring.anomaly_map import predict
from tests.train.trainings import Small, curve, train

ASSETS = Path(__file__).parent / "assets"


@pytest.mark.parametrize("name", ["compact", "paper"])
def test_golden_losses(name: str, toy_store: str, tmp_path: Path, small: Small) -> None:
    """Five steps in float32 on one thread, opacities whole; written by the values this test shows when it fails.

    Tolerance: 0.1 % of each value. Other processors and torch releases round differently, and rounding grows from
    step to step; on the machine that wrote them the values repeat exactly.
    """
    tables = {
        "compact": {},
        "paper": {
            "network": {
                "name": "paper",
                "heads": ["reconstruction"],
                "shrink": 4,
                "correction": False,
                "paper": {"width": 4, "multipliers": [1, 2], "blocks": 1, "attention": [2]},
            },
            "data": {"studies": 2, "variants": 3, "normal_share": 1.0, "keep_together": True},
            "loss": {"features": 1.0, "region": 1.0, "overlap": 0.0, "pixels": 0.0, "lungs": 0.0},
            "score": {"aeration": 0.0},
        },
    }[name]
    loop = {"log_every": 1, "validate_every": 5, "checkpoint_every": 5, "pictures": 0}
    tables = {**tables, "augment": {"part_probability": 0.0}}
    run = train(
        small(**tables, loop=loop, schedule={"steps": 5, "warm_up": 0.0}), toy_store, tmp_path / "run"
    )
    losses = [row["loss"] for row in curve(run)]
    golden = json.loads((ASSETS / "golden_losses.json").read_text())[name]
    np.testing.assert_allclose(losses, golden, rtol=1e-3)


def test_opacities_are_whole_again_after_their_share_of_the_training(
    toy_store: str, tmp_path: Path, small: Small
) -> None:
    def losses(name: str, *, probability: float, until: float) -> list[float]:
        config = small(
            augment={"part_probability": probability, "part_until": until},
            loop={"log_every": 1, "validate_every": 6, "checkpoint_every": 6, "pictures": 0},
            schedule={"steps": 6, "warm_up": 0.0},
        )
        return [row["loss"] for row in curve(train(config, toy_store, tmp_path / name))]

    cut, never = losses("cut", probability=1.0, until=1.0), losses("never", probability=0.0, until=1.0)
    assert losses("whole", probability=1.0, until=0.0) == never != cut
    half = losses("half", probability=1.0, until=0.5)
    assert half[:3] == cut[:3]
    assert half[3] != cut[3]


def test_training_lowers_the_loss_and_finds_the_discs(toy_store: str, tmp_path: Path, small: Small) -> None:
    config = small(
        schedule={"steps": 60}, loop={"log_every": 20, "validate_every": 60, "checkpoint_every": 60, "pictures": 1},
        data={"studies": 8}, optim={"learning_rate": 0.005, "ema": 0.9}, thresholds={"false_positives": 0.0},
    )  # fmt: skip
    run = train(config, toy_store, tmp_path / "run")
    rows = curve(run)
    assert rows[-1]["loss"] < 0.6 * rows[0]["loss"]
    assert open_run(run).thresholds.held_out_dice > 0.6


def test_accumulated_parts_add_up_to_the_step(
    finished: Path, toy_store: str, tmp_path: Path, small: Small
) -> None:
    run = train(small(optim={"accumulate": 2}), toy_store, tmp_path / "run")
    whole, parts = curve(finished), curve(run)
    np.testing.assert_allclose([r["loss"] for r in parts], [r["loss"] for r in whole], rtol=1e-4)


def test_the_seed_decides(finished: Path, toy_store: str, tmp_path: Path, small: Small) -> None:
    run = train(small(seed=1), toy_store, tmp_path / "run")
    assert curve(run)[0]["loss"] != curve(finished)[0]["loss"]


def test_a_loss_that_is_not_finite_stops_and_names_the_images(
    toy_store: str, tmp_path: Path, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "artasyn.train.objective.objective.focal",
        lambda logits, *_, **__: logits.sum(dim=(1, 2, 3)) * torch.nan,
    )
    with pytest.raises(RunError, match=r"loss or gradient is not finite at step 0, which changed no weight"):
        train(small(), toy_store, tmp_path / "run")
    dump = json.loads((tmp_path / "run" / "not_finite-00000000-0.json").read_text())
    assert dump["losses"]["pixels"] == "nan"
    assert {image["image_id"] for image in dump["images"]} <= {f"chest-{study}.png" for study in range(12)}
    assert len(dump["images"]) == 4


def test_a_network_of_ones_own_is_trained_and_opened(toy_store: str, tmp_path: Path, small: Small) -> None:
    network = {
        "name": "torch.nn:Conv2d", "heads": ["segmentation"], "shrink": 2,
        "arguments": {"in_channels": 1, "out_channels": 1, "kernel_size": [3, 3], "padding": 1},
    }  # fmt: skip
    config = small(
        network=network,
        loss={"global_mse": 0.0, "local_mse": 0.0, "lungs": 0.0},
        schedule={"steps": 2},
        score={"head": 0.0, "distance": 0.0, "aeration": 0.0},
    )
    run = open_run(train(config, toy_store, tmp_path / "run"))
    assert isinstance(run.network.core, torch.nn.Conv2d)
    assert predict(run.network, torch.rand(1, 1, 64, 64), run.config.score).maps.shape == (1, 64, 64)


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="reads the memory of the process from /proc"
)
def test_memory_stays_constant(toy_store: str, tmp_path: Path, small: Small) -> None:
    resident: list[int] = []

    def watch(progress: TrainingProgress) -> None:
        if not progress.trained:
            resident.append(int(Path("/proc/self/statm").read_text().split()[1]) * 4096)

    loop = {"log_every": 10, "validate_every": 40, "checkpoint_every": 40, "pictures": 1}
    train(small(schedule={"steps": 240}, loop=loop), toy_store, tmp_path / "run", watch=watch)
    assert max(resident[16:]) - max(resident[:8]) < 8 * 2**20
