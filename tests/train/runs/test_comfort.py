"""What makes long trainings bearable: longer budgets, lines in a log file, folders of runs, curves in words."""

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from artasyn.data_manifests.errors import RunError
from artasyn.train.cli import main
from artasyn.train.config import TrainConfig
from artasyn.train.fitting.fit import FitPlan, plan_fit, run_fit
from artasyn.train.fitting.progress_bar import TrainingBar
from artasyn.train.fitting.trainer import TrainingProgress
from artasyn.train.runs.compare_runs import find_runs
from artasyn.train.runs.plot_curves import plot_curves
from artasyn.train.runs.read_log import read_log
from artasyn.train.runs.run import open_run
from artasyn.train.runs.runs_table import print_runs
from artasyn.train.runtime.distributed import join_processes

Small = Callable[..., TrainConfig]


def plan(config: TrainConfig, store: str, run: Path, *, resume: bool = False) -> FitPlan:
    return plan_fit(config, (store,), run, processes=join_processes("cpu"), workers=0, resume=resume)


def test_a_finished_run_goes_on_with_more_steps(
    finished: Path, toy_store: str, tmp_path: Path, small: Small
) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    before = read_log(run / "log.csv")
    longer = plan(small(schedule={"steps": 12}), toy_store, run, resume=True)
    assert longer.extends
    run_fit(longer, watch=lambda _: None)
    after = read_log(run / "log.csv")
    assert after[: len(before)] == before
    assert [row["step"] for row in after] == [2, 4, 6, 8, 10, 12]
    assert open_run(run).config.schedule.steps == 12
    assert not plan(small(schedule={"steps": 12}), toy_store, run, resume=True).extends
    for schedule in ({"steps": 8}, {"steps": 0, "minutes": 30.0}, {"steps": 16, "final": 0.5}):
        with pytest.raises(RunError, match="another configuration: schedule"):
            plan(small(schedule=schedule), toy_store, run, resume=True)


def test_a_run_that_ended_early_looks_on_with_a_longer_budget(
    toy_store: str, tmp_path: Path, small: Small
) -> None:
    loop = {"validate_every": 2, "patience": 1, "pictures": 0}
    slow = {"learning_rate": 1e-12}
    first = small(optim=slow, schedule={"steps": 100}, loop=loop)
    run_fit(plan(first, toy_store, tmp_path / "run"), watch=lambda _: None)
    ended = read_log(tmp_path / "run" / "log.csv")[-1]["step"]
    longer = small(optim=slow, schedule={"steps": 200}, loop=loop)
    run_fit(plan(longer, toy_store, tmp_path / "run", resume=True), watch=lambda _: None)
    assert read_log(tmp_path / "run" / "log.csv")[-1]["step"] > ended


def test_every_validation_is_a_line_where_there_is_no_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    row = {"step": 200, "loss": 0.25, "images_per_second": 90.0}
    with TrainingBar(visible=True) as bar:
        bar.show(TrainingProgress(share=0.1, step=100, row=row))
        bar.show(TrainingProgress(share=0.2, step=200, row=row | {"held_out_dice": 0.5}, best_step=200))
    told = capfd.readouterr().err.splitlines()
    assert told == ["training: 20 %  step 200, loss 0.2500, held-out Dice 0.500, best at step 200"]
    with TrainingBar(visible=False) as bar:
        bar.show(TrainingProgress(share=0.2, step=200, row=row | {"held_out_dice": 0.5}))
    assert capfd.readouterr().err == ""


def test_after_the_steps_every_image_is_counted(
    toy_store: str, tmp_path: Path, small: Small, capfd: pytest.CaptureFixture[str]
) -> None:
    told: list[TrainingProgress] = []
    run_fit(plan(small(schedule={"steps": 2}), toy_store, tmp_path / "run"), watch=told.append)
    begun, *counted, complete = [done for done in told if done.trained]
    assert (begun.all_images, begun.complete, complete.complete) == (0, False, True)
    works = [work for work, _ in itertools.groupby(done.work for done in counted)]
    assert [work.split(": ") for work in works] == [
        ["image score", "images with opacities"],
        ["image score", "normal images"],
        ["image score", "held-out images"],
        ["thresholds", "held-out images"],
    ]
    total = counted[0].all_images
    assert [(done.images, done.all_images) for done in counted] == [(k, total) for k in range(1, total + 1)]
    capfd.readouterr()
    with TrainingBar(visible=True) as bar:
        for done in told:
            bar.show(done)
    assert capfd.readouterr().err.splitlines()[-2:] == [
        "training: all steps taken; now image score and thresholds",
        f"finishing: image score and thresholds are there, {total} images looked at",
    ]


def test_list_looks_into_folders_and_prints_names_as_they_are(finished: Path, tmp_path: Path) -> None:
    for name in ("run[red]a", "deep/run[bold]b"):
        shutil.copytree(finished, tmp_path / "runs" / name)
    (tmp_path / "runs" / "nothing").mkdir()
    result = CliRunner().invoke(main, ["list", str(tmp_path / "runs")])
    assert result.exit_code == 0, result.output
    assert "run[red]a" in result.output
    assert "run[bold]b" in result.output
    assert find_runs([finished, tmp_path / "no"]) == [finished, tmp_path / "no"]
    mistyped = CliRunner().invoke(main, ["list", str(tmp_path / "run")])
    assert mistyped.exit_code == 1
    assert f"is not there (did you mean `{tmp_path / 'runs'}`?)" in mistyped.output
    missing = CliRunner().invoke(main, ["show", str(tmp_path / "run")])
    assert "run: is not a folder (give the folder" in missing.output


def test_the_stores_of_a_run_do_not_fill_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = {"run": "first", "store": "covid@v, zhanglab@v, rsna@v"}
    print_runs([line])
    assert "covid@v, zhanglab@v, rsna@v" in capsys.readouterr().out
    monkeypatch.setattr("rich.console.Console.is_terminal", True)
    print_runs([line])
    assert "3 stores" in capsys.readouterr().out


def test_curves_replace_their_own_picture_and_no_other(finished: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    for _ in range(2):
        assert CliRunner().invoke(main, ["show", str(run)]).exit_code == 0
    mine = tmp_path / "mine.png"
    mine.write_bytes(b"a picture of the user's")
    refused = CliRunner().invoke(main, ["show", str(run), "--out", str(mine)])
    assert "mine.png: exists and was not written by this command" in refused.output
    assert mine.read_bytes() == b"a picture of the user's"
    plot_curves(run, mine, force=True)


def test_validation_pictures_show_several_radiographs_and_a_normal_one(finished: Path, small: Small) -> None:
    with Image.open(finished / "pictures" / "step-00000008.png") as opened:
        picture = np.asarray(opened).reshape(3, 68, 3 * 68, 3)[:, :64, :64]  # rows; first column: images
    assert small().loop.pictures == 2
    assert len({row.tobytes() for row in picture}) == 3
