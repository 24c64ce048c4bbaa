"""Laws of --json: standard output is one JSON document and nothing else."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from click.testing import CliRunner
from PIL import Image

from artasyn.eval.cli import main
from artasyn.train.cli import main as train_main


def printed(command: Any, *arguments: object) -> Any:
    done = CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_score_and_compare_print_their_reports(
    toy_run: Path, other_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    scoring = (evaluation_store, "--resamples", 100, "--json")
    report = printed(main, "score", toy_run, *scoring, "--report", tmp_path / "report")
    assert report == json.loads((tmp_path / "report" / "report.json").read_text())
    compared = printed(main, "compare", toy_run, other_run, *scoring, "--out", tmp_path / "compared")
    assert compared == json.loads((tmp_path / "compared" / "compare.json").read_text())


def test_predict_prints_its_predictions(toy_run: Path, tmp_path: Path) -> None:
    Image.fromarray(np.tile(np.arange(50, dtype=np.uint8), (40, 1))).save(tmp_path / "grey.png")
    found = printed(main, "predict", toy_run, tmp_path / "grey.png", "--out", tmp_path / "out", "--json")
    assert [Path(line["file"]).name for line in found["images"]] == ["grey.png"]


def test_list_prints_a_line_a_run(toy_run: Path, tmp_path: Path) -> None:
    ours, none = printed(train_main, "list", toy_run, tmp_path / "none", "--json")
    assert ours["run"] == toy_run.name
    assert "held-out Dice" in ours
    assert none["unreadable"]
