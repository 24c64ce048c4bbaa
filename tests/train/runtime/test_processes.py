"""What only whole processes show: survival of kill -9, two processes as one, import costs, exit codes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from artasyn.train.cli import main
from artasyn.train.runs.read_log import read_log
from tests.train.trainings import weights

STEPS = 16
RECIPE = f"""
[network]
shrink = 2
[network.compact]
fold = 2
widths = [8, 16]
pretrained = false
bottom_blocks = 1
[data]
studies = 4
[schedule]
steps = {STEPS}
[compute]
precision = "float32"
[loop]
log_every = 1
validate_every = 8
checkpoint_every = 2
pictures = 0
"""
PAPER = """
[network]
name = "paper"
heads = ["reconstruction"]
shrink = 4
correction = false
[network.paper]
width = 4
multipliers = [1, 2]
blocks = 1
attention = [2]
dropout = 0.0
[data]
studies = 4
variants = 2
normal_share = 1.0
keep_together = true
[loss]
features = 1.0
region = 1.0
overlap = 0.0
pixels = 0.0
lungs = 0.0
[schedule]
steps = 4
[compute]
precision = "float32"
[loop]
log_every = 1
validate_every = 4
checkpoint_every = 4
pictures = 0
[score]
aeration = 0.0
head = 0.0
distance = 0.0
"""
"""The published network in miniature, features compared within a step; no dropout, whose masks vary by process."""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE)
    return path


def words(*arguments: object) -> list[str]:
    return ["fit", *map(str, arguments), "--threads", "1", "--device", "cpu"]


def command(*arguments: object, launcher: tuple[str, ...] = ()) -> list[str]:
    return [sys.executable, *launcher, "-m", "train", *words(*arguments)]


def environment() -> dict[str, str]:
    return os.environ | {"OMP_NUM_THREADS": "1"}


def finish(*arguments: object, launcher: tuple[str, ...] = ()) -> None:
    """Train to the end: with a launcher in processes of its own, else in this one."""
    if not launcher:
        ended = CliRunner().invoke(main, words(*arguments))
        assert ended.exit_code == 0, ended.output
        return
    done = subprocess.run(
        command(*arguments, launcher=launcher), env=environment(), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr


def kill_at(step: int, run: Path, *arguments: object) -> None:
    """Start a training and kill it, as the kernel does when memory ends, once its log reaches `step`."""
    log = run / "log.csv"
    process = subprocess.Popen(command(*arguments), env=environment(), stdout=subprocess.DEVNULL)
    while process.poll() is None and not (log.exists() and last_step(log) >= step):
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "finished before it could be killed"


def last_step(log: Path) -> float:
    rows = read_log(log)
    return rows[-1]["step"] if rows else -1


def curve(run: Path) -> list[tuple[float, ...]]:
    names = ("step", "learning_rate", "loss", "gradient", "held_out_dice")
    return [tuple(row.get(name, -1.0) for name in names) for row in read_log(run / "log.csv")]


def test_killed_and_resumed_equals_undisturbed_bit_for_bit(
    toy_store: str, recipe: Path, tmp_path: Path
) -> None:
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    finish(toy_store, calm, "--preset", recipe)
    for step in (1, 7):
        kill_at(step, killed, toy_store, killed, "--preset", recipe, "--resume")
    finish(toy_store, killed, "--preset", recipe, "--resume")
    assert len(curve(calm)) == STEPS
    assert curve(killed) == curve(calm)
    first, second = weights(calm), weights(killed)
    assert first.keys() == second.keys()
    assert [name for name in first if not torch.equal(first[name], second[name])] == []
    assert (calm / "thresholds.json").read_bytes() == (killed / "thresholds.json").read_bytes()


def test_two_processes_train_as_one(toy_store: str, recipe: Path, tmp_path: Path) -> None:
    """Tolerance: sums are added in another order; the difference grows with the steps."""
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    finish(toy_store, tmp_path / "one", "--preset", recipe)
    finish(toy_store, tmp_path / "two", "--preset", recipe, launcher=torchrun)
    one, two = (np.array([row[2] for row in curve(tmp_path / name)]) for name in ("one", "two"))
    np.testing.assert_allclose(two[:8], one[:8], rtol=1e-4)
    np.testing.assert_allclose(two, one, rtol=0.02)


def test_two_processes_train_the_published_network_as_one_does_in_two_parts(
    toy_store: str, tmp_path: Path
) -> None:
    """In parts, since batch norms see the images of one process; on GPUs they see those of all."""
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    for name, parts, launcher in (("one", 2, ()), ("two", 1, torchrun)):
        recipe = tmp_path / f"{name}.toml"
        recipe.write_text(PAPER + f"[optim]\naccumulate = {parts}\n")
        finish(toy_store, tmp_path / name, "--preset", recipe, launcher=launcher)
    one, two = (np.array([row[2:4] for row in curve(tmp_path / name)]) for name in ("one", "two"))
    np.testing.assert_allclose(two, one, rtol=1e-4)


def test_help_imports_no_torch() -> None:
    code = "import sys; from artasyn.train.cli import main; main(['fit', '--help'], standalone_mode=False); " \
        "print([m for m in ('torch', 'numpy', 'rich', 'dask') if m in sys.modules])"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_has_help_and_an_example(name: str) -> None:
    assert main.commands[name].help
    assert "Example:" in str(main.commands[name].help)


def test_show_and_list(toy_store: str, recipe: Path, tmp_path: Path) -> None:
    run, runner = tmp_path / "run", CliRunner()
    fitted = runner.invoke(main, ["fit", toy_store, str(run), "--preset", str(recipe), "--steps", "4"])
    assert fitted.exit_code == 0, fitted.output
    assert "2 held out" in fitted.output
    assert "held-out synthetic Dice" in fitted.output
    assert "weights  those of step 4 of 4, the best on held-out studies\n" in fitted.output
    *_, score, ingest = fitted.output.splitlines()
    assert score == f"next: artasyn-eval score {run} STORE"
    assert ingest.endswith("artasyn-synth ingest CORPUS STORE --size 64 --squaring squeeze")
    assert runner.invoke(main, ["show", str(run)]).exit_code == 0
    assert (run / "curves.png").read_bytes().startswith(b"\x89PNG")
    listed = runner.invoke(main, ["list", str(run), str(tmp_path / "none")])
    assert listed.exit_code == 0
    assert "compact" in listed.output


def test_dry_run_writes_nothing(toy_store: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["fit", toy_store, str(tmp_path / "run"), "--dry-run"])
    assert done.exit_code == 0
    assert "10 studies to train on" in done.output
    assert not (tmp_path / "run").exists()


def test_refusals_are_sentences_with_an_exit_code(toy_store: str, tmp_path: Path) -> None:
    def refused(*arguments: object) -> str:
        done = CliRunner().invoke(main, [str(a) for a in arguments])
        assert done.exit_code != 0
        return done.output

    assert "holds no version" in refused("fit", tmp_path / "none", tmp_path / "run")
    assert "either steps or minutes" in refused(
        "fit", toy_store, tmp_path / "run", "--steps", 3, "--minutes", 1
    )
    assert "known: default, gpu, paper" in refused("fit", toy_store, tmp_path / "run", "--preset", "x")
    assert "has no log.csv" in refused("show", tmp_path)
