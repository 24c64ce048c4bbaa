"""The commands print figures, write files and say what was asked."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from artasyn.eval.cli import main


def test_score_command_prints_figures_and_writes_the_report(
    toy_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    arguments = ["score", str(toy_run), evaluation_store, "--report", str(tmp_path), "--resamples", "100"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "  AUROC  " in result.output
    assert json.loads((tmp_path / "report.json").read_text())["protocol"] == "artasyn"
    assert (tmp_path / "report.html").is_file()


def test_compare_command_writes_one_table(
    toy_run: Path, other_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    arguments = [
        "compare",
        str(toy_run),
        str(other_run),
        evaluation_store,
        "--out",
        str(tmp_path),
        "--resamples",
        "100",
    ]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    said, page = result.output, (tmp_path / "compare.html").read_text()
    assert (
        0
        <= said.index(f"{other_run.name} minus {toy_run.name}")
        < said.index(f"\n{toy_run.name} (pretrained")
    )
    assert 0 <= page.index(f"Differences from {toy_run.name}") < page.index("Each run's own figures")
    assert f"artasyn-eval compare {toy_run.name} {other_run.name}" in page
    assert "--resamples 100" in page


def test_what_was_trained_on_is_said_by_both_commands(
    toy_run: Path, other_run: Path, new_evaluation_store: Callable[..., str], tmp_path: Path
) -> None:
    store = new_evaluation_store(tmp_path / "store", first=14)  # images 14 and 15 were trained on
    options = ["--resamples", "100", "--allow-leak"]
    said = CliRunner().invoke(main, ["score", str(toy_run), store, "--report", str(tmp_path / "s"), *options])
    assert "2 images were trained on" in said.output
    both = ["compare", str(toy_run), str(other_run), store, "--out", str(tmp_path / "c"), *options]
    assert "was trained on 2 of these images" in CliRunner().invoke(main, both).output
    report = json.loads((tmp_path / "c" / "compare.json").read_text())
    assert [run["leakage"]["exact"] for run in report["runs"]] == [2, 2]
    assert "was trained on 2 of these images" in (tmp_path / "c" / "compare.html").read_text()


def test_reports_of_several_questions_do_not_replace_each_other(
    toy_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    run = shutil.copytree(toy_run, tmp_path / "run")
    for options in ([], ["--split", "val"], ["--pixel-only"]):
        arguments = ["score", str(run), evaluation_store, "--resamples", "100", *options]
        assert CliRunner().invoke(main, arguments).exit_code == 0
    assert sorted(path.name for path in (run / "scores").iterdir()) == [
        "store",
        "store-pixel-only",
        "store-split-val",
    ]


def test_library_errors_become_one_sentence(toy_run: Path, training_store: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["score", str(toy_run), training_store, "--report", str(tmp_path)])
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(main, [command, "--help"])
    assert f"artasyn-eval {command} " in result.output.split("Example:")[1]


def test_help_loads_nothing_heavy() -> None:
    code = """import sys, artasyn.eval.cli
print({'torch', 'scipy', 'jinja2', 'matplotlib', 'onnx', 'zarr'} & set(sys.modules))"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
