"""What the commands that train share: their options, and what they say at the end."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from artasyn.data_manifests.cli import say, say_next

if TYPE_CHECKING:
    from artasyn.train.scoring.thresholds import Thresholds

__all__ = ["DEVICE", "THREADS", "describe_outcome", "say_how_to_score"]

DEVICE = click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="auto: a GPU where there is one.",
)
THREADS = click.option(
    "--threads", type=click.IntRange(min=1), help="Processor threads; all cores if not given."
)


def describe_outcome(thresholds: "Thresholds", run: Path) -> str:
    """Say what came out, in three lines, or four."""
    from artasyn.train.scoring.thresholds import FEWEST_NORMALS

    few = (
        f"few held out: the thresholds were frozen on {thresholds.normal_images} normal images and depend on chance "
        f"({10 * FEWEST_NORMALS} normal radiographs or more give {FEWEST_NORMALS})\n"
        if thresholds.normal_images < FEWEST_NORMALS
        else ""
    )
    return (
        f"held-out synthetic Dice {thresholds.held_out_dice:.3f} at pixel threshold {thresholds.pixel:.3f} "
        f"({thresholds.rule}), over {thresholds.synthetic_images} images\n"
        f"marked on normal images: {100 * thresholds.false_positives:.2f} % of the lung field\n"
        f"{few}run: {run}"
    )


def say_how_to_score(run: Path, store: str = "", *, size: int, squaring: str, split: str = "") -> None:
    """Print the command that scores the run on real images, and how to bring some in where no store is known."""
    options = ["--split", split] if split else []
    say_next("next: ", "artasyn-eval", "score", str(run), store or "STORE", *options)
    if not store:
        ingest = f"artasyn-synth ingest CORPUS STORE --size {size} --squaring {squaring}"
        say(f"      STORE holds real images: {ingest}")
