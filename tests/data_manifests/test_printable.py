"""Names of others neither steer a terminal nor become formulas or markup."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from artasyn.data_manifests.errors import CorpusError
from artasyn.data_manifests.files import write_csv
from artasyn.data_manifests.printable import printable
from artasyn.synth.cli import main


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\rb", "\x9b0m", "\u202egnp.exe", "\x07", "\u2066x"])
def test_what_a_terminal_obeys_is_written_out(text: str) -> None:
    assert printable(text).isprintable()
    assert printable(text) != text
    assert str(CorpusError(text, "is bad")).isprintable()


def test_plain_text_of_any_language_stays_as_it_is() -> None:
    for text in ("Thorax, Röntgen", "胸部X線", "a\tb\nc", "x{y}[z]"):
        assert printable(text) == text


def test_no_cell_is_a_formula_and_numbers_stay_numbers(tmp_path: Path) -> None:
    values = ["=1+1", "+1", "-1+cmd", "@SUM(A1)", "-cmd", "\t=1", "-0.5", "-1", "plain", "", " =1"]
    write_csv(tmp_path / "a.csv", [values, [-1.5, 2]])
    with (tmp_path / "a.csv").open(newline="") as file:
        first, second = csv.reader(file)
    harmless = ["'=1+1", "+1", "'-1+cmd", "'@SUM(A1)", "'-cmd", "'\t=1", "-0.5", "-1", "plain", "", "' =1"]
    assert first == harmless
    assert second == ["-1.5", "2"]


def test_a_hostile_name_reaches_no_terminal(tmp_path: Path) -> None:
    radiographs = tmp_path / "radiographs" / "normal"
    radiographs.mkdir(parents=True)
    (radiographs / "a\x1b[31m[red].png").write_bytes(b"none")
    (radiographs / "b.png").write_bytes(b"none")
    store = str(tmp_path / "store")
    built = CliRunner().invoke(
        main, ["build", str(radiographs.parent), store, "--workers", "0", "--assume-normal"]
    )
    assert "not_an_image" in built.output, built.output
    for output in (
        built.output,
        *(CliRunner().invoke(main, [c, store]).output for c in ("info", "versions")),
    ):
        assert "\x1b" not in output
    assert "x1b[31m[red]" in built.output
