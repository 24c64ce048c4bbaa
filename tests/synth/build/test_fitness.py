"""Laws of what a version may be made of: what is not understood is never built from as normal."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from artasyn.synth.cli import main
from artasyn.synth.sources.source import open_source


def put(root: Path, *paths: str) -> None:
    source = open_source("phantom:2")
    for number, path in enumerate(paths):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(source.read_image(source.radiographs[number % 2])).save(root / path)


def run(*arguments: str | Path | int) -> tuple[int, str]:
    result = CliRunner().invoke(main, [*map(str, arguments), "--dry-run"])
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("head", "rows", "words"),
    [
        ("image,remark", ("a.png,x", "b.png,y"), "no column that is understood as the label"),
        ("image,label", ("a.png,normal", "b.png,no covid"), "not understood .1 row.: no covid"),
        ("image,label", ("a.png,", "b.png,unknown"), "no radiograph labelled normal: 2 unlabelled"),
        (
            "image,label",
            ("x.png,normal", "y.png,normal"),
            "2 files that the corpus names are not there, first",
        ),
    ],
)
def test_a_table_that_is_not_understood_is_refused(
    tmp_path: Path, head: str, rows: tuple[str, ...], words: str
) -> None:
    put(tmp_path, "a.png", "b.png")
    (tmp_path / "list.csv").write_text("\n".join([head, *rows]) + "\n")
    code, output = run("build", tmp_path / "list.csv", tmp_path / "store")
    assert code == 1
    assert re.search(words, " ".join(output.split()))


def test_folders_that_are_not_understood_need_a_word_by_hand(tmp_path: Path) -> None:
    put(tmp_path / "radiographs", "siteA/a.png", "siteB/b.png")
    code, output = run("build", tmp_path / "radiographs", tmp_path / "store")
    assert code == 1
    assert "sub-folders are not understood: siteA, siteB" in output
    for options in (["--assume-normal"], ["--normal-dir", "siteA"]):
        code, output = run("build", tmp_path / "radiographs", tmp_path / "store", *options)
        assert code == 0, output
    assert "1 normal, 1 abnormal" in output


@pytest.mark.parametrize("place", ["in the folder/my list.csv", "list.csv"])
def test_the_command_for_a_table_of_a_folder_is_offered_and_runs(tmp_path: Path, place: str) -> None:
    put(tmp_path / "in the folder", "a.png", "b.png")
    (tmp_path / place).write_text("image,label\na.png,normal\nb.png,pneumonia\n")
    code, output = run("ingest", tmp_path / "in the folder", tmp_path / "store", "--size", 64)
    assert code == 0, output
    assert "2 unlabelled" in output
    (offered,) = [line for line in output.splitlines() if line.strip().startswith("artasyn-synth ingest")]
    program, *words = shlex.split(offered)
    assert (program, words[-2:]) == ("artasyn-synth", ["--size", "64"])
    code, output = run(*words)
    assert code == 0, output
    assert "1 normal, 1 abnormal" in output
    assert "artasyn-synth" not in output
    (tmp_path / place).write_text("image,age\na.png,4\nb.png,5\n")
    assert "artasyn-synth" not in run("ingest", tmp_path / "in the folder", tmp_path / "store")[1]


@pytest.mark.parametrize("options", [(), ("--assume-normal",)])
def test_a_plain_folder_is_built_from_whether_or_not_it_is_said_that_all_is_normal(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    put(tmp_path / "radiographs", "a.png", "b.png")
    code, output = run("build", tmp_path / "radiographs", tmp_path / "store", *options)
    assert code == 0, output
    assert f"2 {'normal' if options else 'unlabelled'}" in " ".join(output.split())


def test_a_plan_fits_one_screen_and_says_what_was_understood(tmp_path: Path) -> None:
    put(tmp_path / "radiographs", "normal/a.png", "covid/b.png", "masks/covid/b.png")
    code, output = run("ingest", tmp_path / "radiographs", tmp_path / "store")
    assert code == 0, output
    assert len(output.splitlines()) <= 24
    assert "1 normal, 1 abnormal, 0 unlabelled, 1 with mask" in output
    assert "folders: normal normal (1); abnormal covid (1)" in output


def test_a_mask_among_the_images_is_left_out_and_listed(tmp_path: Path) -> None:
    put(tmp_path / "radiographs", "normal/a.png")
    square = np.zeros((128, 128), np.uint8)
    square[30:60, 30:60] = 255
    (tmp_path / "radiographs" / "covid").mkdir()
    Image.fromarray(square).save(tmp_path / "radiographs" / "covid" / "b.png")
    result = CliRunner().invoke(
        main, ["ingest", str(tmp_path / "radiographs"), str(tmp_path / "store"), "--workers", "0"]
    )
    assert result.exit_code == 0, result.output
    assert "rejected 1 suspected_mask" in result.output
    arguments = ["info", str(tmp_path / "store"), "--left-out", str(tmp_path / "out.csv")]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    assert (
        (tmp_path / "out.csv").read_text().splitlines()[1].startswith("covid/b.png,abnormal,suspected_mask,")
    )
