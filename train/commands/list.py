"""artasyn-train list."""

import json
from pathlib import Path

import click

from artasyn.data_manifests.cli import printable, say

__all__ = ["list_"]


@click.command(name="list")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(runs: tuple[Path, ...], as_json: bool) -> None:
    """Compare RUNS, one line each; of a folder that is no run, the runs inside it.

    \b
    Example:
      artasyn-train list runs
      artasyn-train list runs/first runs/second
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from artasyn.train.runs.plot_curves import compare_runs, find_runs

    lines = compare_runs(find_runs(runs))
    if as_json:
        say(json.dumps(lines, indent=2))
        return
    columns = list(dict.fromkeys(name for line in lines for name in line))
    table = Table(box=None)
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name == "run")
    for line in lines:
        table.add_row(*(Text(printable(line.get(name, ""))) for name in columns))
    # Programs that read the table get every line in one piece.
    console = Console()
    (console if console.is_terminal else Console(width=10_000)).print(table)
