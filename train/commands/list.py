"""artasyn-train list."""

import json
from pathlib import Path

import click

from artasyn.data_manifests.cli import say
from artasyn.data_manifests.heavy_imports import heavy_imports

__all__ = ["list_"]


@click.command(name="list", short_help="List runs side by side.")
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(runs: tuple[Path, ...], as_json: bool) -> None:
    """Compare RUNS, one line each; of a folder that is no run, the runs inside it. Without RUNS: the shipped run.

    \b
    Example:
      artasyn-train list runs
      artasyn-train list runs/first runs/second
    """
    with heavy_imports():
        from artasyn.data_manifests.errors import RunError, check_path
        from artasyn.train.runs.compare_runs import compare_runs, find_runs
        from artasyn.train.runs.runs_table import print_runs
        from artasyn.train.runs.starter import STARTER

    if runs and not any(run.exists() or run == Path(STARTER) for run in runs):
        raise RunError(runs[0], "is not there", check_path(str(runs[0])))
    lines = compare_runs(find_runs(runs or (Path(STARTER),)))
    if as_json:
        say(json.dumps(lines, indent=2), whole=True)
        return
    print_runs(lines)
