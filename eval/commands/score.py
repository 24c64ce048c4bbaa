"""artasyn-eval score."""

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import click

from artasyn.data_manifests.cli import FORCE, say
from artasyn.data_manifests.heavy_imports import heavy_imports
from artasyn.data_manifests.progress import ProgressBar
from artasyn.eval.commands.image_rate import ImageRate
from artasyn.eval.commands.options import JSON, RUN, scoring_options, tell

if TYPE_CHECKING:
    from artasyn.eval.score import ScoreConfig

__all__ = ["score"]


@click.command(short_help="Score a run on real images: a report with intervals.")
@RUN
@click.argument("store", metavar="STORE[@TAG]")
@click.option(
    "--report",
    "--out",
    "out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the report. [default: below RUN/scores]",
)
@click.option(
    "--protocol",
    type=click.Choice(["artasyn", "official-compat"]),
    default="artasyn",
    show_default=True,
    help="official-compat adds the published evaluator's arithmetic.",
)
@click.option(
    "--recalibrate",
    metavar="STORE[@TAG]",
    default="",
    help="Normal or unlabelled images of the place: figures at thresholds learnt from them stand beside.",
)
@click.option(
    "--severity",
    metavar="COLUMN",
    multiple=True,
    help="Numeric column of the store: its rank correlation with the marked share of the lungs; may be repeated.",
)
@scoring_options
@FORCE
@JSON
def score(
    run: Path,
    store: str,
    out: Path | None,
    *,
    protocol: str,
    recalibrate: str,
    severity: tuple[str, ...],
    asked: dict[str, Any],
    as_json: bool,
    force: bool,
) -> None:
    """Score RUN on an evaluation store: report.json, report.html, images.csv.

    Thresholds come from the run. A scoring that was stopped goes on where it was.

    \b
    Example:
      artasyn-eval score runs/first stores/hospital@test --report reports/first
      artasyn-eval score runs/first stores/hospital@test --recalibrate stores/normals@here
      artasyn-eval score runs/first stores/covid@val --severity infection_frac_of_lung
      artasyn-eval score runs/first stores/brixia@test --severity A --severity B --severity C
    """
    with heavy_imports():
        from artasyn.eval.pages.report_page import begin_report
        from artasyn.eval.pages.terminal import headline
        from artasyn.eval.score import ScoreConfig
        from artasyn.eval.score import score as score_run

    config = ScoreConfig(
        protocol=cast(Literal["artasyn", "official-compat"], protocol),
        recalibrate=recalibrate,
        severity=severity,
        **asked,
    )
    page = functools.partial(begin_report, force=force)
    out = out or run / "scores" / _folder_name(store, config)
    with ProgressBar("images") as progress:
        scored = score_run(
            run, store, out=out, config=config, progress=ImageRate(progress), page=page, force=force
        )
    if scored.folder != out:
        say(f"{out} holds a report on another question, which stays (--force replaces it)", err=True)
    written = scored.folder / "report.html"
    tell(scored.folder / "report.json", [*headline(scored.report)], ("Report", written), as_json=as_json)


def _folder_name(store: str, config: "ScoreConfig") -> str:
    """Return a name for each question asked of a store, so that no report replaces another's."""
    asked = {
        f"split-{config.split}": config.split,
        "pixel-only": config.pixel_only,
        "held-out": config.held_out,
        "recalibrated": config.recalibrate,
        "-".join(("severity", *config.severity)): config.severity,
        config.protocol: config.protocol != "artasyn",
    }
    name = store.rstrip("/").rpartition("/")[2].replace("@", "-")
    return "-".join((name, *(part for part, wanted in asked.items() if wanted)))
