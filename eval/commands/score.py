"""artasyn-eval score."""

import functools
from pathlib import Path
from typing import Literal, cast

import click

from artasyn.data_manifests.cli import say
from artasyn.data_manifests.progress import ProgressBar
from artasyn.eval.commands.options import FORCE, JSON, RUN, scoring_options, tell

__all__ = ["score"]


@click.command()
@RUN
@click.argument("store", metavar="STORE[@TAG]")
@click.option(
    "--report",
    "out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the report; default below RUN/scores.",
)
@click.option(
    "--protocol",
    type=click.Choice(["artasyn", "official-compat"]),
    default="artasyn",
    show_default=True,
    help="official-compat adds the published evaluator's arithmetic.",
)
@scoring_options
@FORCE
@JSON
def score(
    run: Path,
    store: str,
    out: Path | None,
    *,
    split: str,
    protocol: str,
    as_json: bool,
    resamples: int,
    seed: int,
    workers: int,
    allow_leak: bool,
    pixel_only: bool,
    held_out: bool,
    force: bool,
) -> None:
    """Score RUN on an evaluation store: report.json, report.html, images.csv.

    Thresholds come from the run. A scoring that was stopped goes on where it was.

    \b
    Example:
      artasyn-eval score runs/first stores/hospital@test --report reports/first
    """
    from artasyn.eval.pages.report_page import write_report
    from artasyn.eval.pages.terminal import headline
    from artasyn.eval.score import ScoreConfig
    from artasyn.eval.score import score as score_run

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
    out = out or run / "scores" / _folder_name(
        store, f"split-{split}" * bool(split), "pixel-only" * pixel_only, "held-out" * held_out, protocol
    )
    finish = functools.partial(write_report, force=force)
    with ProgressBar("images") as progress:
        scored = score_run(run, store, out=out, config=config, progress=progress, finish=finish, force=force)
    if scored.folder != out:
        say(f"{out} holds a report on another question, which stays (--force replaces it)", err=True)
    page = scored.folder / "report.html"
    tell(scored.folder / "report.json", [*headline(scored.report)], ("Report", page), as_json=as_json)


def _folder_name(store: str, *asked: str) -> str:
    """Return a name for each question asked of a store, so that no report replaces another's."""
    name = store.rstrip("/").rpartition("/")[2].replace("@", "-")
    return "-".join(part for part in (name, *asked) if part and part != "artasyn")
