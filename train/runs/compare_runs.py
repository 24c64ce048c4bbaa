"""Find runs, and say of each in a line what it is and what came out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from artasyn.data_manifests.errors import ArtasynError
from artasyn.train.runs.read_log import read_log
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.starter import resolve_run

__all__ = ["compare_runs", "find_runs"]


def find_runs(paths: Sequence[Path]) -> list[Path]:
    """Return the paths, in place of a folder that is no run the runs inside it, and of `starter` the shipped run."""
    found: list[Path] = []
    for path in map(resolve_run, paths):
        inside = [] if RunFolder(path).config.exists() or not path.is_dir() else path.rglob("config.json")
        runs = sorted(file.parent for file in inside if RunFolder(file.parent).store.exists())
        found += runs or [path]
    return found


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
        if reports := sorted((run / "scores").glob("*/report.html")):
            line["reports"] = ", ".join(str(page) for page in reports)
        return line
    except (ArtasynError, OSError, KeyError, ValueError) as error:
        return {"run": run.name, "unreadable": str(error).removeprefix(f"{run.name}: ")}


def _name(store: Mapping[str, Any]) -> str:
    name, unlabelled = store["name"], " (unlabelled)" if store.get("unlabelled") else ""
    return (name if "@" in name else f"{name}@{store['id'][:12]}") + unlabelled
