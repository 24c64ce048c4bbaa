"""Compare runs on one store: the same images, the same resamples, so that differences have intervals of their own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from artasyn.data_manifests.errors import OutputError, RunError
from artasyn.data_manifests.outputs import OutputFolder, report_folder
from artasyn.data_manifests.ownership import owned
from artasyn.data_manifests.progress import Progress
from artasyn.eval.inference import run_digest
from artasyn.eval.metrics.bootstrap import Draws
from artasyn.eval.score import ScoreConfig, Scored, score
from artasyn.eval.summary.boxes import box_level
from artasyn.eval.summary.estimates import (
    Figures,
    at_threshold,
    image_level,
    on_normals,
    overlap,
    pixel_ranking,
)
from artasyn.eval.summary.summarise import NOTICE

__all__ = ["compare", "difference"]

HIGHER_IS_BETTER = {
    "auroc": True,
    "average_precision": True,
    "sensitivity_at_95_specificity": True,
    "sensitivity": True,
    "specificity": True,
    "dice_mean": True,
    "dice_median": True,
    "pixel_average_precision": True,
    "aupro_30": True,
    "share_of_image": False,
    "share_of_lungs": False,
    "images_with_a_mark": False,
    "pointing_game": True,
    "box_recall": True,
    "false_marks_an_image": False,
    "froc_mean": True,
    "box_ap_0.5": True,
}


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    digest: str
    figures: Figures
    leakage: Mapping[str, int]
    trained_on: Sequence[Mapping[str, Any]]
    pretrained: str


def compare(
    runs: Sequence[Path],
    store: str,
    *,
    out: Path,
    config: ScoreConfig | None = None,
    progress: Progress | None = None,
    finish: Callable[[dict[str, Any]], object] | None = None,
    force: bool = False,
) -> dict[str, Any]:
    """Score every run and write `compare.json`: each figure, and its difference to the first run.

    What a scoring leaves, its `report.json` and journal, lies in `out/<run>`. `finish` writes what else belongs into
    the folder, while no other comparison may write there.

    Another comparison that lies there is refused with OutputError (not with `force`).
    Raises RunError where fewer than two runs are given, BusyError, and what `score` raises.
    """
    if len(runs) < 2:
        raise RunError(
            "compare", "takes two runs or more, then the store", "`artasyn-eval score` is for one run"
        )
    names = _names(runs)
    with owned(out):
        outputs, entries = OutputFolder(out, force=force), []
        _check_same(outputs, names, store, force=force)
        for name, run in zip(names, runs, strict=True):
            scored = score(run, store, out=out / name, config=config, progress=progress, force=force)
            entries.append(_entry(name, scored, config or ScoreConfig()))
            last = scored.report
            del scored  # its sums take memory while the next run is scored
        report = _report(entries, last)
        outputs.write_json("compare.json", report)
        if finish:
            finish(report)
    return report


def _entry(name: str, scored: Scored, config: ScoreConfig) -> _Entry:
    """Return of a scoring what the comparison needs."""
    leakage, trained_on = scored.report["leakage"], scored.report["run"]["trained_on"]
    return _Entry(
        name, run_digest(scored.run), _figures(scored, config), leakage, trained_on, scored.run.pretrained
    )


def _report(entries: Sequence[_Entry], last: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "notice": NOTICE,
        "store": last["store"],
        "images": last["images"],
        "bootstrap": last["bootstrap"],
        "options": last["options"],
        "paired": f"differences to {entries[0].name} on the same resamples of the same images",
        "runs": [_run(entry, entries[0]) for entry in entries],
    }


def _check_same(outputs: OutputFolder, names: Sequence[str], store: str, *, force: bool) -> None:
    """Raise OutputError where a comparison of other runs, or on another store, would be replaced."""
    question = {"runs": list(names), "store": store.rstrip("/").rpartition("/")[2]}
    if report_folder(outputs.path, question, force=force) != outputs.path:
        remedy = "choose another --out, or say --force to replace it"
        raise OutputError(outputs.path, "holds another comparison", remedy)
    for name in ("compare.json", "compare.html", "question.json"):
        outputs.check(name)
    outputs.write_json("question.json", question)


def difference(figure: Draws, reference: Draws) -> Draws:
    """Return figure - reference, resample by resample."""
    return Draws(
        value=figure.value - reference.value,
        resampled=figure.resampled - reference.resampled,
        groups=min(figure.groups, reference.groups),
    )


def _figures(scored: Scored, config: ScoreConfig) -> Figures:
    table = scored.table
    figures: Figures = {}
    if not config.pixel_only:
        figures |= image_level(table, "run") | at_threshold(table, scored.run.thresholds.image)
    if table.cases.annotated.any():
        figures |= overlap(table, "run") | pixel_ranking(table.pooled["run"])
    if not table.cases.abnormal.all():
        figures |= on_normals(table, "run")
    if table.cases.boxed.any():
        figures |= box_level(table)
    return {name: figures[name] for name in HIGHER_IS_BETTER if name in figures}


def _run(entry: _Entry, first: _Entry) -> dict[str, Any]:
    row: dict[str, Any] = {"name": entry.name, "digest": entry.digest, "leakage": entry.leakage}
    row |= {"trained_on": entry.trained_on, "pretrained": entry.pretrained}
    row["figures"] = {name: figure.to_dict() for name, figure in entry.figures.items()}
    if entry is not first:
        row["differences"] = {
            name: _difference(figure, first.figures[name], higher=HIGHER_IS_BETTER[name])
            for name, figure in entry.figures.items()
        }
    return row


def _difference(figure: Draws, reference: Draws, *, higher: bool) -> Mapping[str, Any]:
    """Add in what share of the resamples the figure is better than the reference; ties count half."""
    delta = difference(figure, reference)
    defined = delta.resampled[np.isfinite(delta.resampled)] * (1 if higher else -1)
    better = float((defined > 0).mean() + (defined == 0).mean() / 2) if defined.size else None
    return delta.to_dict() | {"better_in": None if better is None else round(better, 6)}


def _names(runs: Sequence[Path]) -> list[str]:
    """Return the folders' names, with their parents' where two are the same."""
    names = [run.resolve().name for run in runs]
    if len(set(names)) < len(names):
        names = [f"{run.resolve().parent.name}-{run.resolve().name}" for run in runs]
    if len(set(names)) < len(names):
        raise RunError("compare", "two of the runs are the same folder, or named alike", "rename one")
    return names
