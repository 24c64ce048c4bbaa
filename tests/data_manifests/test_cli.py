"""Laws of what commands say: nothing in a name steers the terminal, Ctrl-C gets one line of advice."""

import shlex
import sys

import click
import pytest
from click.testing import CliRunner

from artasyn.data_manifests.cli import ADVICE, ArtasynGroup, printable, say, say_next
from artasyn.data_manifests.errors import RunError
from tests.rooms import ROOT

HOSTILE = "run\x1b[31m\x9b2J\u202e\udcff\r\x07.png"


@click.group(cls=ArtasynGroup, extra="train")
def program() -> None:
    pass


@program.command()
@click.argument("how")
def fit(how: str) -> None:
    if how == "stop":
        raise KeyboardInterrupt
    if how == "memory":
        raise MemoryError
    if how == "fail":
        raise RunError(HOSTILE, "is strange")
    if how == "disk":
        raise OSError(28, "No space left on device", HOSTILE)
    say(HOSTILE)
    say("95\u00a0% ü 肺\tline\n")


@pytest.mark.parametrize("how", ["say", "fail", "disk", "\x1b[2J"])
def test_no_name_steers_the_terminal(how: str) -> None:
    output = CliRunner().invoke(program, ["fit", how]).output
    assert all(c.isprintable() or c in "\n\t\u00a0" for c in output)
    assert "x1b" in output


def test_a_full_disk_has_its_remedy() -> None:
    """A training does not start anew: the folder of the run is there."""
    program.add_command(program.commands["fit"], "build")
    for command, again in (("fit", "with --resume"), ("build", "again")):
        output = CliRunner().invoke(program, [command, "disk"]).output
        assert output.endswith(f"No space left on device (free space and run the same command {again})\n")


@pytest.mark.parametrize("line", [["\x1b[2J"], ["fit", "a", "\x1b[2J"], ["fit", "--\x1b[2J"]])
def test_mistyped_commands_are_harmless_too(line: list[str]) -> None:
    assert "\x1b" not in CliRunner().invoke(program, line).output


def test_what_is_mistyped_is_told_within_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "artasyn.data_manifests.cli.fit_terminal", lambda text, **_: text.replace(" No", "\n  No")
    )
    result = CliRunner().invoke(program, ["fit", "--hwo"])
    assert result.exit_code == 2
    assert result.output.startswith("Usage: program fit")
    assert "Error:\n  No such option" in result.output


def test_a_command_to_type_can_be_copied(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "40")
    command = ["artasyn-eval", "score", "my runs/a first one", "stores/patient's @v1"]
    say_next("next: ", *command)
    (line,) = capsys.readouterr().out.splitlines()
    assert shlex.split(line.removeprefix("next: ")) == command


def test_letters_of_all_languages_stay() -> None:
    assert printable("95\u00a0% ü 肺\tline\n") == "95\u00a0% ü 肺\tline\n"
    assert printable("\x1b") == "\\x1b"


def test_ctrl_c_is_answered_in_one_line() -> None:
    result = CliRunner().invoke(program, ["fit", "stop"])
    assert result.exit_code == 130
    assert result.output.strip() == f"stopped: {ADVICE['fit']}"


def test_spent_memory_is_a_sentence_with_what_is_kept() -> None:
    result = CliRunner().invoke(program, ["fit", "memory"])
    assert result.exit_code == 1
    assert "Error: memory ran out: free some, or start fewer processes" in result.output
    assert result.output.endswith(f"{ADVICE['fit']}\n")


def test_commands_print_in_one_way() -> None:
    for package in ("synth", "train", "eval"):
        for path in (ROOT / package).rglob("*.py"):
            assert "click.echo" not in path.read_text(encoding="utf-8"), path
