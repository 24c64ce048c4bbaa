"""Laws of what a training leaves: its log, its checkpoints, and nothing of the machine."""

import csv
import platform
import socket
from pathlib import Path

from artasyn.train.fitting.trainer import TrainingProgress
from artasyn.train.runs.read_log import read_log
from artasyn.train.runs.run import open_run
from tests.train.trainings import Small, curve, train


def test_the_folder_says_everything_and_nothing_of_the_machine(
    finished: Path, toy_store: str, small: Small
) -> None:
    for name in ("config.json", "environment.json", "store.json", "thresholds.json", "training_images.csv"):
        text = (finished / name).read_text()
        for private in (str(Path(toy_store).parent), str(Path.home()), socket.gethostname(), platform.node()):
            assert private not in text
    assert not [p for p in finished.rglob("*") if socket.gethostname() in p.name]
    with (finished / "training_images.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["pixels_sha256"] for row in rows] == [f"{study:064x}" for study in range(12)]
    assert sorted(p.name for p in (finished / "pictures").iterdir()) == [
        "step-00000004.png",
        "step-00000008.png",
    ]
    assert small() == open_run(finished).config


def test_numbered_checkpoints_are_kept_as_many_as_asked(toy_store: str, tmp_path: Path, small: Small) -> None:
    run = train(small(loop={"keep": 2, "pictures": 0}), toy_store, tmp_path / "run")
    names = sorted(p.name for p in (run / "checkpoints").iterdir() if p.suffix == ".safetensors")
    assert names == [
        "best.safetensors",
        "last.safetensors",
        "step-00000006.safetensors",
        "step-00000008.safetensors",
    ]


def test_training_stops_early_when_nothing_improves(toy_store: str, tmp_path: Path, small: Small) -> None:
    loop = {"validate_every": 2, "patience": 2, "pictures": 0}
    config = small(optim={"learning_rate": 1e-12}, schedule={"steps": 100}, loop=loop)
    told: list[TrainingProgress] = []
    run = train(config, toy_store, tmp_path / "run", watch=told.append)
    assert curve(run)[-1]["step"] < 100
    assert (told[-1].share < 1, told[-1].best_step, told[-1].step) == (True, 2, curve(run)[-1]["step"])


def test_the_last_steps_are_logged_whatever_their_number(
    toy_store: str, tmp_path: Path, small: Small
) -> None:
    run = train(small(schedule={"steps": 5}), toy_store, tmp_path / "run")  # a line every second step
    rows = read_log(run / "log.csv")
    assert [row["step"] for row in rows] == [2, 4, 5]
    assert "held_out_dice" in rows[-1]
    assert "loss" in rows[-1]
    train(small(schedule={"steps": 5}), toy_store, run, resume=True)
    assert read_log(run / "log.csv") == rows
