"""Draw the curves of a run, and put several runs side by side."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

from artasyn.data_manifests.errors import ArtasynError, RunError
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.run_log import read_log

__all__ = ["compare_runs", "plot_curves"]


def plot_curves(run: Path, picture: Path) -> None:
    """Write a PNG of losses, held-out Dice, learning rate and speed over the steps. Raises RunError."""
    folder = RunFolder(run)
    if not folder.log.exists():
        raise RunError(run, "has no log.csv", "give the folder that `artasyn-train fit` wrote")
    rows = read_log(folder.log)
    if not rows:
        raise RunError(run, "has an empty log", "it is written every loop.log_every steps")
    mpl.use("Agg")
    groups = (
        ("loss (mean of each interval)", _losses(rows)),
        ("held-out synthetic", ("held_out_dice", "held_out_quality", "held_out_false_positives")),
        ("learning rate", ("learning_rate",)),
        ("images a second", ("images_per_second",)),
    )
    figure, axes = plt.subplots(2, 2, figsize=(11, 7), layout="constrained")
    for axis, (title, names) in zip(axes.flat, groups, strict=True):
        for name in names:
            points = [(row["step"], row[name]) for row in rows if name in row]
            axis.plot([x for x, _ in points], [y for _, y in points], label=name, linewidth=1.2)
        axis.set(title=title, xlabel="step")
        axis.legend(frameon=False)
        # An adaptation looks at no held-out studies on its way.
        axis.set_visible(any(name in row for name in names for row in rows))
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=110)
    plt.close(figure)


def _losses(rows: Sequence[dict[str, float]]) -> tuple[str, ...]:
    known = ("loss", "global_mse", "local_mse", "region", "overlap", "pixels", "lungs", "features")
    return tuple(name for name in known if name in rows[-1])


def compare_runs(runs: Sequence[Path]) -> list[dict[str, str]]:
    """Return one line of text values a run; a run that cannot be read says why."""
    return [_describe(run) for run in runs]


def _describe(run: Path) -> dict[str, str]:
    folder = RunFolder(run)
    try:
        config = folder.read_json(folder.config)
        store = folder.read_json(folder.store)
        rows = read_log(folder.log) if folder.log.exists() else []
        last = rows[-1] if rows else {}
        line = {
            "run": run.name,
            "network": config["network"]["name"],
            "seed": str(config["seed"]),
            "store": ", ".join(_name(s) for s in store),
            "steps": f"{last.get('step', 0):.0f}",
            "minutes": f"{last.get('seconds', 0) / 60:.1f}",
            "loss": f"{last['loss']:.4f}" if last else "-",
        }
        frozen = folder.read_json(folder.thresholds) if folder.thresholds.exists() else None
        line["held-out Dice"] = f"{frozen['held_out_dice']:.3f}" if frozen else "not finished"
        line["threshold"] = f"{frozen['pixel']:.3f}" if frozen else "-"
        return line
    except (ArtasynError, OSError, KeyError, ValueError) as error:
        return {"run": run.name, "unreadable": str(error)}


def _name(store: Mapping[str, Any]) -> str:
    return f"{store['name']} ({store['id'][:12]}{', unlabelled' if store.get('unlabelled') else ''})"
