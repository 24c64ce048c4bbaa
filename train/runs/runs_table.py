"""Several runs side by side, as a table for a terminal."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from artasyn.data_manifests.printable import printable

__all__ = ["print_runs"]

WIDE = 10_000
"""Columns for programs that read the table: they get every line in one piece."""


def print_runs(lines: Sequence[dict[str, str]]) -> None:
    """Print what `compare_runs` returns; a terminal that knows links gets the reports as links."""
    columns = list(dict.fromkeys(name for line in lines for name in line))
    table = Table(box=None)
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name == "run")
    for line in lines:
        table.add_row(*(_cell(line.get(name, ""), linked=name == "reports") for name in columns))
    console = Console()
    (console if console.is_terminal else Console(width=WIDE)).print(table)


def _cell(text: str, *, linked: bool) -> Text:
    if not linked:
        return Text(printable(text))
    paths = [path for path in text.split(", ") if path]
    return Text(", ").join(Text(printable(path), f"link {Path(path).resolve().as_uri()}") for path in paths)
