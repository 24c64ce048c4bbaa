"""Every command explains itself, with an example, and stands in the README."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

README = (Path(__file__).resolve().parents[1] / "README.md").read_text()
PROGRAMS = {f"artasyn-{name}": f"artasyn.{name}.cli" for name in ("synth", "train", "eval")}


def commands() -> Iterator[tuple[str, click.Command]]:
    for program, module in PROGRAMS.items():
        main = importlib.import_module(module).main
        yield from ((f"{program} {name}", command) for name, command in main.commands.items())


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_has_help_an_example_and_a_place_in_the_readme(
    name: str, command: click.Command
) -> None:
    assert command.help
    assert "Example:" in command.help
    assert name in command.help
    assert name in README
