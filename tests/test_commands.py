"""Every command explains itself, with an example, and stands on the cheat sheet."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

SHEET = (Path(__file__).resolve().parents[1] / "docs" / "reference" / "cheat-sheet.md").read_text()
PROGRAMS = {f"artasyn-{name}": f"artasyn.{name}.cli" for name in ("synth", "train", "eval")}


def commands() -> Iterator[tuple[str, click.Command]]:
    for program, module in PROGRAMS.items():
        main = importlib.import_module(module).main
        yield from ((f"{program} {name}", command) for name, command in main.commands.items())


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_has_help_an_example_and_a_place_on_the_cheat_sheet(
    name: str, command: click.Command
) -> None:
    assert command.help
    assert "Example:" in command.help
    assert name in command.help
    assert name in SHEET


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_list_of_commands_is_not_cut_at_80_columns(program: str) -> None:
    main = importlib.import_module(PROGRAMS[program]).main
    with click.Context(main, info_name=program, terminal_width=80) as context:
        told = main.get_help(context).partition("Commands:")[2]
    assert told
    assert "..." not in told
    assert max(map(len, told.splitlines())) <= 80
