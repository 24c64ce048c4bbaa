"""Plot the curves of a run."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

from artasyn.data_manifests.errors import RunError
from artasyn.data_manifests.files import write_file
from artasyn.data_manifests.outputs import check_replaceable
from artasyn.train.runs.read_log import read_log
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.starter import resolve_run

__all__ = ["plot_curves"]


LOSSES = {
    "loss": "total loss",
    "global_mse": "reconstruction, whole image",
    "local_mse": "reconstruction, opacity",
    "region": "region",
    "overlap": "overlap with the mask (Dice loss)",
    "pixels": "opacity, pixel by pixel",
    "lungs": "lung field",
    "features": "features",
    "pseudo_labels": "pseudo-labels, pixel by pixel",
}
WORDS = LOSSES | {
    "held_out_dice": "Dice at the threshold",
    "held_out_quality": "mean Dice over several thresholds: what picks the best step",
    "held_out_false_positives": "share of normal lungs marked",
    "learning_rate": "learning rate",
    "images_per_second": "images a second",
}
"""What the columns of the log are called in the picture."""


def plot_curves(run: Path, picture: Path, *, force: bool = False) -> None:
    """Write a PNG of losses, held-out figures, learning rate and speed over the steps, the best step marked.

    Raises RunError, and OutputError where `picture` is there and none of ours (not with `force`).
    """
    folder = RunFolder(resolve_run(run))
    if not folder.path.is_dir():
        raise RunError(run, "is not a folder", "give the folder that `artasyn-train fit` wrote, or `starter`")
    if not folder.log.exists():
        raise RunError(run, "has no log.csv", "give the folder that `artasyn-train fit` wrote")
    rows = read_log(folder.log)
    if not rows:
        raise RunError(run, "has an empty log", "it is written every loop.log_every steps")
    check_replaceable(picture, force=force)
    mpl.use("Agg")
    groups = (
        ("Losses on the training images (lower is better)", [name for name in LOSSES if name in rows[-1]]),
        ("Held-out synthetic images", ("held_out_dice", "held_out_quality", "held_out_false_positives")),
        ("Learning rate", ("learning_rate",)),
        ("Speed", ("images_per_second",)),
    )
    figure, axes = plt.subplots(2, 2, figsize=(11, 7), layout="constrained")
    for axis, (title, names) in zip(axes.flat, groups, strict=True):
        _plot(axis, rows, names, best=_best_step(rows))
        axis.set(title=title, xlabel="step")
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110, metadata={"Software": "artasyn"})
    plt.close(figure)
    write_file(picture, stream.getvalue())


def _plot(axis: Any, rows: Sequence[dict[str, float]], names: Sequence[str], *, best: float | None) -> None:
    for name in names:
        points = [(row["step"], row[name]) for row in rows if name in row]
        if points:
            steps, values = zip(*points, strict=True)
            axis.plot(steps, values, marker="o" * (len(points) == 1), label=WORDS[name], linewidth=1.2)
    if not axis.lines:
        axis.text(0.5, 0.5, "not in the log: the run was too short", ha="center", transform=axis.transAxes)
        axis.set_axis_off()
        return
    if best is not None:
        axis.axvline(best, color="0.5", linestyle=":", label=f"best step: {best:,.0f}")
    axis.legend(frameon=False, fontsize="small")


def _best_step(rows: Sequence[dict[str, float]]) -> float | None:
    """Return the first step of the highest held-out quality, whose weights the run keeps."""
    validated = [row for row in rows if "held_out_quality" in row]
    return max(validated, key=lambda row: row["held_out_quality"])["step"] if validated else None
