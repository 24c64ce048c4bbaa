"""artasyn-synth lungs."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from artasyn.data_manifests.cli import FORCE, say

if TYPE_CHECKING:
    from artasyn.synth.outlining.outline_files import Outcome

__all__ = ["lungs"]

FAILED = 0.8
"""Dice below which an accepted outline is listed as a failure."""


@click.command(short_help="Outline both lungs of images: masks and pictures.")
@click.argument("images", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to."
)
@click.option(
    "--score",
    "masks",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of reference lung masks with the images' names: print Dice, IoU, HD95 and the failures.",
)
@click.option("--preset", default="default", show_default=True, help="default, paper, or a TOML file.")
@FORCE
def lungs(images: tuple[Path, ...], out: Path, masks: Path | None, preset: str, *, force: bool) -> None:
    """Outline both lungs of IMAGES (files or folders): masks, overlay pictures and lungs.csv.

    \b
    Example:
      artasyn-synth lungs ~/radiographs --out ~/lungs --score ~/drawn_masks
    """
    from artasyn.data_manifests.ownership import owned
    from artasyn.data_manifests.progress import ProgressBar
    from artasyn.synth.config import load_config
    from artasyn.synth.outlining.outline_files import find_sources, outline_files

    config = load_config(preset).lungs
    sources, passed = find_sources(images, out=out)
    outcomes = []
    with owned(out), ProgressBar("outlining") as progress:
        for outcome in outline_files(sources, out, config=config, masks=masks, force=force):
            outcomes.append(outcome)
            progress(len(outcomes), len(sources))
    if passed:
        say(f"files passed over, masks or lateral views by their names: {passed}", err=True)
    refused = [outcome for outcome in outcomes if outcome.reason]
    say(f"{len(outcomes)} images, {len(refused)} refused; wrote {out}. Look at {out / 'overlays'}")
    for outcome in refused:
        say(f"  {outcome.message or f'{outcome.name}: {outcome.reason}, quality {outcome.quality:.2f}'}")
    if masks:
        _print_scores(outcomes)


def _print_scores(outcomes: "list[Outcome]") -> None:
    scored = [(outcome, outcome.overlap) for outcome in outcomes if outcome.overlap]
    if not scored:
        raise click.ClickException("no image has a mask of its name in the --score folder")
    say(f"{len(scored)} scored, refused ones included")
    for name, values in (
        ("Dice", [overlap.dice for _, overlap in scored]),
        ("IoU", [overlap.iou for _, overlap in scored]),
        ("HD95 in pixels", [overlap.hd95 for _, overlap in scored]),
    ):
        finite = sorted(value for value in values if math.isfinite(value))
        empty = f", {len(values) - len(finite)} left out: one mask is empty" * (len(finite) < len(values))
        if finite:
            mean, median = sum(finite) / len(finite), finite[len(finite) // 2]
            say(f"  {name}: mean {mean:.3f}, median {median:.3f}{empty}")
    for outcome, overlap in scored:
        if overlap.dice < FAILED:
            say(f"  below {FAILED}: {outcome.name}, Dice {overlap.dice:.3f} {outcome.reason}")
