"""What the commands share: arguments, options, and how they tell what they wrote."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from artasyn.data_manifests.cli import say, say_path, with_options
from artasyn.data_manifests.workers import import_ahead

__all__ = ["DEVICE", "JSON", "RUN", "scoring_options", "tell"]

RUN = click.argument("run", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON alone: what the file written holds.")
DEVICE = click.option(
    "--device", default="cpu", show_default=True, help="Where the network runs: cpu, cuda, cuda:1."
)
BLOCK = 64
"""Most images at once: those of one block of the journal."""
SCORING = {
    "split": click.option("--split", default="", help="Only this split of the store."),
    "resamples": click.option(
        "--resamples", default=1000, show_default=True, help="Bootstrap resamples behind each interval."
    ),
    "seed": click.option(
        "--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of the bootstrap."
    ),
    "workers": click.option(
        "--workers", default=0, show_default=True, help="Processes; never changes a figure."
    ),
    "device": DEVICE,
    "batch": click.option(
        "--batch",
        default=1,
        show_default=True,
        type=click.IntRange(min=1, max=BLOCK),
        help="Images at once through the network, for a GPU; more than 1 may change the last digits of scores. On "
        "a processor leave it: of 64 images or more, four go together where a trial shows that no bit changes.",
    ),
    "allow_leak": click.option(
        "--allow-leak", is_flag=True, help="Score images that a run was trained on as well."
    ),
    "pixel_only": click.option(
        "--pixel-only", is_flag=True, help="Leave out the image level, for stores of one class."
    ),
    "held_out": click.option(
        "--held-out", is_flag=True, help="Score the held-out synthetic studies of a training store."
    ),
}


def scoring_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of scoring; it takes them together as `asked`, keywords of ScoreConfig."""

    @functools.wraps(command)
    def collected(**given: Any) -> None:
        asked = {name: given.pop(name) for name in SCORING}
        if asked["workers"] > 0:
            import_ahead("artasyn.eval.commands.worker_imports")
        command(asked=asked, **given)

    return with_options(*SCORING.values())(collected)


def tell(file: Path, lines: Sequence[str], place: tuple[str, Path], *, as_json: bool) -> None:
    """Print the lines, or in their place what the JSON file holds."""
    if as_json:
        say(file.read_text(encoding="utf-8").rstrip(), whole=True)
        return
    say("\n".join(lines))
    say_path(*place)
