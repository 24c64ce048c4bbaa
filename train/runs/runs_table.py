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
    """Print what `compare_runs` returns, the reports below it; a terminal that knows links gets these as links."""
    terminal = Console()
    columns = [name for name in dict.fromkeys(name for line in lines for name in line) if name != "reports"]
    table = Table(box=None)
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name in {"run", "network", "minutes", "threshold"})
    for line in lines:
        table.add_row(*(Text(printable(_cell(line, name, short=terminal.is_terminal))) for name in columns))
    console = terminal if terminal.is_terminal else Console(width=WIDE)
    console.print(table)
    for line in lines:
        for path in filter(None, line.get("reports", "").split(", ")):
            console.print(Text(f" report of {printable(line['run'])}: ") + _link(path), soft_wrap=True)


def _cell(line: dict[str, str], name: str, *, short: bool) -> str:
    """Return a value; of several stores, whose names would fill a terminal, their number."""
    value = line.get(name, "")
    stores = value.count(", ") + 1
    return f"{stores} stores" if short and name == "store" and stores > 1 else value


def _link(path: str) -> Text:
    return Text(printable(path), f"link {Path(path).resolve().as_uri()}")
