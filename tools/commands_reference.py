"""Make docs/reference/commands.md: every command with its options, from the programs themselves."""

import importlib
import inspect
import re
from collections.abc import Iterator

import click

__all__ = ["commands_page"]

PROGRAMS = {f"artasyn-{name}": f"artasyn.{name}.cli" for name in ("synth", "train", "eval")}
BAR = "\\|"
HEAD = """# Commands

Made from the code by `make docs-reference`. `-h` behind any command prints the same.
Exit codes: 0 done, 1 refused with a sentence, 2 mistyped, 130 stopped by Ctrl-C.
"""


def commands_page() -> str:
    """Return the page as Markdown."""
    lines = [HEAD]
    for program, module in PROGRAMS.items():
        group: click.Group = importlib.import_module(module).main
        for name in sorted(group.commands):
            lines += _sections(f"{program} {name}", group.commands[name])
    return "\n".join(lines)


def _sections(name: str, command: click.Command) -> Iterator[str]:
    """Yield the lines of a command and of those below it."""
    yield from _section(name, command)
    yield ""
    if isinstance(command, click.Group):
        for below in sorted(command.commands):
            yield from _sections(f"{name} {below}", command.commands[below])


def _section(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    text, _, example = inspect.cleandoc(command.help or "").replace("\b", "").partition("Example:")
    yield f"## `{name}`\n"
    yield f"`{name} {' '.join(command.collect_usage_pieces(context))}`\n"
    yield text.strip() + "\n"
    yield "<!-- not run: an example -->"
    yield "```sh"
    yield from (line.strip() for line in example.strip().splitlines())
    yield "```\n"
    options = [option for option in command.params if isinstance(option, click.Option)]
    yield from ("| option | default | meaning |", "|---|---|---|") if options else ()
    yield from (_row(option, context) for option in options)


def _row(option: click.Option, context: click.Context) -> str:
    names, value = ", ".join(option.opts), "" if option.is_flag else f" {option.make_metavar(context)}"
    said = option.get_help_extra(context).get("default", "")
    default = "" if option.is_flag or said == "" else f"`{said}`"
    meaning = re.sub(r"\s+", " ", option.help or "")
    cells = (f"`{names}{value}`", default, meaning)
    return f"| {' | '.join(cell.replace('|', BAR) for cell in cells)} |"
