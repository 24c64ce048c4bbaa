"""Laws of an adapted run: it says what it has seen, can be adapted again, and the command writes it."""

import json
from pathlib import Path

from click.testing import CliRunner

from artasyn.data_manifests.store.version import open_version
from artasyn.train.cli import main
from artasyn.train.runs.compare_runs import compare_runs
from artasyn.train.runs.plot_curves import plot_curves
from artasyn.train.runs.run import open_run
from tests.train.adaptation.adaptations import adapted


def test_the_folder_says_what_was_seen(run: Path, clinic: str, toy_store: str, tmp_path: Path) -> None:
    out = adapted(run, clinic, toy_store, tmp_path / "out", steps=5)
    before, after, version = open_run(run), open_run(out), open_version(clinic)
    assert [record.get("unlabelled", False) for record in after.stores] == [False, True]
    assert after.stores[1]["id"] == version.id
    assert after.stores[1]["name"] == "clinic"
    assert after.config == before.config
    assert after.size == before.size
    seen = set(after.training_images["pixels_sha256"])
    assert seen == {*before.training_images["pixels_sha256"], *map(str, version.table["pixels_sha256"])}
    said = json.loads((out / "adaptation.json").read_text())
    digest = json.loads((run / "digests.json").read_text())["checkpoints/best.safetensors"]["sha256"]
    assert said.pop("weights") == digest
    known = {"ema": 0.995, "images": 39, "learning_rate": 3e-4, "run": "run", "split": "", "steps": 5}
    assert said == known
    assert str(tmp_path) not in "".join(path.read_text() for path in out.glob("*.json"))


def test_a_split_alone_is_learnt_from_and_noted(
    run: Path, clinic: str, toy_store: str, tmp_path: Path
) -> None:
    splits = ["adapt", str(run), clinic, toy_store, str(tmp_path / "out"), "--steps", "2", "--split"]
    done = CliRunner().invoke(main, [*splits, "train"])
    assert done.exit_code == 0
    assert done.output.endswith(f"next: artasyn-eval score {tmp_path / 'out'} {clinic} --split val\n")
    seen = set(open_run(tmp_path / "out").training_images["pixels_sha256"])
    version = open_version(clinic)
    assert {str(d) for d in version.table["pixels_sha256"][version.rows(split="train")]} <= seen
    assert not {str(d) for d in version.table["pixels_sha256"][version.rows(split="val")]} & seen
    none = CliRunner().invoke(main, [*splits, "tset"])
    assert "no usable image in split `tset`" in none.output


def test_its_curves_are_drawn(run: Path, clinic: str, toy_store: str, tmp_path: Path) -> None:
    out = adapted(run, clinic, toy_store, tmp_path / "out", steps=5)
    plot_curves(out, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size > 10_000
    assert "clinic@f00d (unlabelled)" in compare_runs([out])[0]["store"]


def test_a_second_round_goes_on_from_the_first(
    run: Path, clinic: str, toy_store: str, tmp_path: Path
) -> None:
    first = adapted(run, clinic, toy_store, tmp_path / "first", steps=5)
    second = open_run(adapted(first, clinic, toy_store, tmp_path / "second", steps=5))
    assert [record["name"] for record in second.stores] == ["store", "clinic", "clinic"]


def test_the_command_adapts(run: Path, clinic: str, toy_store: str, tmp_path: Path) -> None:
    line = ["adapt", str(run), clinic, toy_store, str(tmp_path / "out"), "--steps", "5", "--threads", "1"]
    done = CliRunner().invoke(main, line)
    assert done.exit_code == 0, done.output
    assert "39 unlabelled images, 5 steps" in done.output
    assert "held-out synthetic Dice" in done.output
    assert (
        f"\nnext: artasyn-eval score {tmp_path / 'out'} STORE\n" in done.output
    )  # all of the clinic was learnt from
    assert open_run(tmp_path / "out").thresholds.pixel > 0
