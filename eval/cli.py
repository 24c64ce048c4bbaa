"""The command `artasyn-eval`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import click

from data_manifests.cli import ArtasynGroup

if TYPE_CHECKING:
    from eval.measure import Progress

__all__ = ["main"]

RUN = click.argument("run", type=click.Path(path_type=Path))


@click.group(cls=ArtasynGroup)
@click.version_option(package_name="artasyn")
def main() -> None:
    """Score trained networks on radiographs they have never seen; compare, predict, export.

    Research tool: not a medical device, not for diagnosis.
    """


@main.command()
@RUN
@click.argument("store", metavar="STORE[@TAG]")
@click.option(
    "--report", "out", type=click.Path(path_type=Path), help="Folder of the report; default RUN/scores/STORE."
)
@click.option("--split", default="", help="Only this split of the store.")
@click.option(
    "--protocol",
    type=click.Choice(["artasyn", "official-compat"]),
    default="artasyn",
    show_default=True,
    help="official-compat adds the published evaluator's arithmetic.",
)
@click.option(
    "--resamples", default=1000, show_default=True, help="Bootstrap resamples behind each interval."
)
@click.option("--seed", default=0, show_default=True, help="Seed of the bootstrap.")
@click.option("--workers", default=0, show_default=True, help="Processes; never changes a figure.")
@click.option("--allow-leak", is_flag=True, help="Score images that the run was trained on as well.")
@click.option("--pixel-only", is_flag=True, help="Leave out the image level, for stores of one class.")
@click.option("--held-out", is_flag=True, help="Score the held-out synthetic studies of a training store.")
def score(
    run: Path,
    store: str,
    out: Path | None,
    *,
    split: str,
    protocol: str,
    resamples: int,
    seed: int,
    workers: int,
    allow_leak: bool,
    pixel_only: bool,
    held_out: bool,
) -> None:
    """Score RUN on an evaluation store: report.json, report.html, images.csv.

    Thresholds come from the run. A scoring that was stopped goes on where it was.

    \b
    Example:
      artasyn-eval score runs/first stores/hospital@test --report reports/first
    """
    from eval.report import write_report
    from eval.score import ScoreConfig
    from eval.score import score as score_run
    from eval.terminal import headline

    config = ScoreConfig(
        split=split,
        protocol=cast(Literal["artasyn", "official-compat"], protocol),
        resamples=resamples,
        seed=seed,
        workers=workers,
        allow_leak=allow_leak,
        pixel_only=pixel_only,
        held_out=held_out,
    )
    out = out or run / "scores" / store.rstrip("/").rpartition("/")[2].replace("@", "-")
    with _progress("images") as progress:
        scored = score_run(run, store, out=out, config=config, progress=progress)
    for line in headline(scored.report):
        click.echo(line)
    click.echo(f"Report: {write_report(scored, out)}")


@contextmanager
def _progress(what: str) -> "Iterator[Progress]":
    """Show a bar on the terminal while something is done."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
