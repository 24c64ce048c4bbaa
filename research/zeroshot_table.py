"""The table of zero-shot results: one JSON record a run, and a Markdown page with one line a recipe."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["Row", "append_rows", "figures_of", "write_table"]

Interval = tuple[float, float, float]
"""Value, low, high."""

COLUMNS = {
    "auroc": ("image AUROC", 3),
    "average_precision": ("image AP", 3),
    "dice": ("mean Dice", 3),
    "oracle_dice": ("best threshold", 3),
    "pixel_ap": ("pixel AP", 3),
    "aupro": ("AUPRO 30 %", 3),
    "lung_marked": ("lung marked on normals", 3),
    "bin_0": ("0-25 %", 3),
    "bin_25": ("25-50 %", 3),
    "bin_50": ("50-75 %", 3),
    "bin_75": ("75-100 %", 3),
    "held_out_dice": ("held-out synthetic Dice", 3),
    "auroc_pa": ("AUROC, PA views", 3),
    "auroc_ap": ("AUROC, AP views", 3),
    "pointing": ("pointing game", 2),
    "box_recall": ("boxes found", 2),
    "false_marks": ("false marks an image", 2),
}
"""Figures in the order of the page: heading and decimals."""

TITLES = {
    "a": "a: ZhangLab normals -> ZhangLab validation part",
    "b": "b: all normals -> COVID-QU-Ex validation part (Dice by share of the lungs infected at the right)",
    "d": "d: the runs of b -> NIH radiographs with boxes, 65 abnormal, 227 normal (pixels against filled boxes)",
    "c": "c, no longer run: the runs of b -> NIH radiographs with boxes (12 abnormal, 16 normal: look, do not rank)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One training, scored."""

    recipe: str
    protocol: str
    seed: int
    budget: str
    """Steps of the training, or its processor minutes."""
    figures: Mapping[str, Interval]


def figures_of(report: Mapping[str, Any]) -> dict[str, Interval]:
    """Return the figures of an evaluator's report.json; those it could not give are left out."""
    image = report["image_level"]["run"]
    found = {"auroc": image["auroc"], "average_precision": image["average_precision"]}
    if pixel := report["pixel_level"].get("run"):
        found |= {"dice": pixel["dice_mean"], "oracle_dice": pixel["oracle_dice"]}
        found |= {"pixel_ap": pixel["pixel_average_precision"], "aupro": pixel["aupro_30"]}
    if "share_of_lungs" in report["on_normals"]["run"]:
        found["lung_marked"] = report["on_normals"]["run"]["share_of_lungs"]
    found |= _by_view(report) | _boxes(report)
    for size in report["by_lesion_size"]:
        found[f"bin_{100 * size['from']:.0f}"] = size["dice_mean"]["run"]
    held_out = report["run"]["thresholds"]["held_out_dice"]
    figures = {name: (f["value"], f["low"], f["high"]) for name, f in found.items()}
    return figures | {"held_out_dice": (held_out, held_out, held_out)}


def _by_view(report: Mapping[str, Any]) -> dict[str, Any]:
    groups = report.get("by_attribute", {}).get("view", [])
    return {f"auroc_{group['value'].lower()}": group["auroc"] for group in groups if group["value"]}


def _boxes(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is found of boxes; `pixel_ap` and `dice` are against filled boxes there."""
    if not (boxes := report.get("box_level")):
        return {}
    run, filled = boxes["run"], boxes["filled"]["run"]
    found = {"pointing": run["pointing_game"], "box_recall": run["box_recall"]}
    found |= {"false_marks": run["false_marks_an_image"]}
    return found | {"dice": filled["dice_mean"], "pixel_ap": filled["pixel_average_precision"]}


def append_rows(path: Path, rows: Sequence[Row]) -> None:
    """Add lines; one of the same recipe, protocol, seed and budget is replaced."""
    known = json.loads(path.read_text()) if path.exists() else []
    new = [json.loads(json.dumps(asdict(row))) for row in rows]
    names = {_name(row) for row in new}
    kept = [row for row in known if _name(row) not in names]
    path.write_text("[\n" + ",\n".join(json.dumps(row) for row in [*kept, *new]) + "\n]\n")


def _name(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[key] for key in ("recipe", "protocol", "seed", "budget"))


def write_table(path: Path) -> None:
    """Write PATH.md from PATH.json: the mean over seeds, and the lowest and highest end of their intervals."""
    rows = json.loads(path.with_suffix(".json").read_text())
    lines = ["# Zero-shot results", "", *INTRODUCTION]
    for protocol, title in TITLES.items():
        groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            if row["protocol"] == protocol:
                groups[row["recipe"], row["budget"]].append(row["figures"])
        if groups:
            lines += ["", f"## {title}", "", *_lines(groups)]
    path.with_suffix(".md").write_text("\n".join(lines) + "\n")


INTRODUCTION = (
    "Written by `research/zeroshot.py` from zeroshot.json, which has every run; a line a recipe and budget. Figures",
    "are means over the seeds; in brackets the lowest and the highest end of the seeds' 95 % intervals over images.",
)


def _lines(groups: Mapping[tuple[str, str], Sequence[Mapping[str, Interval]]]) -> list[str]:
    used = [name for name in COLUMNS if any(name in run for runs in groups.values() for run in runs)]
    heads = ["recipe", "budget", "seeds", *(COLUMNS[name][0] for name in used)]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for (recipe, budget), runs in groups.items():
        cells = [recipe, budget, str(len(runs)), *(_cell(name, runs) for name in used)]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _cell(name: str, runs: Sequence[Mapping[str, Interval]]) -> str:
    known = [run[name] for run in runs if name in run]
    if not known:
        return "-"
    decimals = COLUMNS[name][1]
    mean = sum(value for value, _, _ in known) / len(known)
    low, high = min(low for _, low, _ in known), max(high for _, _, high in known)
    return f"{mean:.{decimals}f} ({low:.{decimals}f}-{high:.{decimals}f})"
