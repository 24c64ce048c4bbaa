"""Make the table of `research.head_to_head`: means over seeds, intervals over images, paired differences to ours.

    python -m research.head_to_head_table OUT --page docs/measured/head-to-head.md

Resamples draw patients where they are known, else images; every synthesis is given the same resamples, so differences
are paired. A figure is the mean over the seeds within each resample. The last table is the mean over the protocols,
whose images are drawn apart.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.bootstrap import Bootstrap, group_codes
from artasyn.eval.metrics.ranking import auroc, average_precision, counts_per_level
from research.head_to_head_picture import draw

Floats = NDArray[np.float64]
Judged = Mapping[str, NDArray[np.generic]]
"""What `research.judge` wrote of one run on one store."""

FIGURES = {
    "a": {"AUROC": "auroc", "AUROC, map alone": "auroc_map"},
    "b": {
        "AUROC": "auroc",
        "AUROC, map alone": "auroc_map",
        "Dice": "dice",
        "pixel AP": "pixel_ap",
        "marked": "marked",
    },
    "d": {
        "AUROC": "auroc",
        "AUROC, map alone": "auroc_map",
        "PA views": "auroc_pa",
        "pixel AP in boxes": "pixel_ap",
        "marked": "marked",
    },
    "abd": {"AUROC": "auroc", "AUROC, map alone": "auroc_map"},
}
"""Columns of each protocol, and the figure behind each."""
TITLES = {
    "a": "Protocol a: ZhangLab, validation part",
    "b": "Protocol b: COVID-QU-Ex, validation part",
    "d": "Protocol d: NIH, boxes",
    "abd": "Mean of the three protocols",
}
PROTOCOLS = "abd"
"""Each draws its images with a seed of its own, its place in this list."""


@click.command(help=__doc__)
@click.argument("out", type=click.Path(path_type=Path, exists=True))
@click.option("--page", type=click.Path(path_type=Path), help="Markdown file to write, and JSON beside it.")
@click.option("--picture", type=click.Path(path_type=Path), help="PNG file to draw.")
@click.option("--ours", default="default", show_default=True)
def main(out: Path, page: Path | None, picture: Path | None, ours: str) -> None:
    found = compare(out / "judged", ours)
    text = "\n\n".join(_table(protocol, rows, ours) for protocol, rows in found.items())
    click.echo(text)
    if page:
        page.write_text(text + "\n")
        page.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")
    if picture:
        draw(found, picture, ours=ours)


def compare(folder: Path, ours: str) -> dict[str, dict[str, dict[str, object]]]:
    """Return, of each protocol and synthesis, its seeds and the value, interval and difference from ours by figure.

    Protocols that ours was not judged on have no entries. "abd" is the mean over the three where all are there.
    """
    runs = {protocol: _runs(folder, protocol) for protocol in PROTOCOLS}
    drawn = {protocol: _drawn(found, protocol, ours) for protocol, found in runs.items()}
    everywhere = [method for method in drawn["a"] if all(method in rows for rows in drawn.values())]
    drawn["abd"] = {
        method: _mean_of_places([rows[method] for rows in drawn.values()]) for method in everywhere
    }
    seeds = {
        protocol: {method: min(len(runs[one][method]) for one in protocol) for method in rows}
        for protocol, rows in drawn.items()
    }
    return {protocol: _compared(rows, seeds[protocol], ours) for protocol, rows in drawn.items()}


def _runs(folder: Path, protocol: str) -> dict[str, list[Judged]]:
    """Return what was judged of each synthesis, one entry a seed."""
    runs: dict[str, list[Judged]] = {}
    for path in sorted(folder.glob(f"*-{protocol}.npz")):
        runs.setdefault(path.stem.rsplit("-", 2)[0], []).append(dict(np.load(path)))
    return runs


def _drawn(runs: Mapping[str, Sequence[Judged]], protocol: str, ours: str) -> dict[str, dict[str, Floats]]:
    """Return `(1 + R,)` values of each figure of each synthesis, all on the same resamples."""
    if ours not in runs:
        return {}
    bootstrap = Bootstrap(resamples=1000, seed=PROTOCOLS.index(protocol))
    weights = bootstrap.weights(group_codes(runs[ours][0]["group"].tolist())).astype(np.float64)
    return {method: _figures(judged, weights, protocol) for method, judged in runs.items()}


def _mean_of_places(drawn: Sequence[Mapping[str, Floats]]) -> dict[str, Floats]:
    return {name: np.mean([one[name] for one in drawn], axis=0) for name in FIGURES["abd"].values()}


def _compared(
    drawn: Mapping[str, Mapping[str, Floats]], seeds: Mapping[str, int], ours: str
) -> dict[str, dict[str, object]]:
    return {
        method: {
            "seeds": seeds[method],
            "figures": {name: _interval(values) for name, values in figures.items()},
            "ahead": {name: _interval(drawn[ours][name] - values) for name, values in figures.items()},
        }
        for method, figures in drawn.items()
    }


def _figures(seeds: Sequence[Judged], weights: Floats, protocol: str) -> dict[str, Floats]:
    each = [_figures_of(judged, weights) for judged in seeds]
    return {
        name: np.mean([one[name] for one in each], axis=0)
        for name in FIGURES[protocol].values()
        if name in each[0]
    }


def _figures_of(judged: Judged, weights: Floats) -> dict[str, Floats]:
    """Return `(1 + R,)` values of each figure of one run on one store."""
    abnormal, annotated, counts = judged["abnormal"], judged["annotated"], judged["counts"].astype(float)
    normal = weights * ~abnormal
    found = {
        "auroc": _auroc(judged["score"], abnormal, weights),
        "auroc_map": _auroc(judged["map_score"], abnormal, weights),
        "marked": normal @ judged["marked_of_lungs"] / normal.sum(axis=1),
    }
    if (judged["view"] == "PA").any():
        pa = judged["view"] == "PA"
        found["auroc_pa"] = _auroc(judged["score"][pa], abnormal[pa], weights[:, pa])
    if annotated.any():
        true, false, missed = counts[annotated].T
        drawn = weights[:, annotated]
        found["dice"] = drawn @ (2 * true / (2 * true + false + missed)) / drawn.sum(axis=1)
        inside = drawn @ judged["inside"][annotated].astype(float)
        found["pixel_ap"] = average_precision(inside, drawn @ judged["outside"][annotated].astype(float))
    return found


def _auroc(scores: NDArray[np.generic], abnormal: NDArray[np.generic], weights: Floats) -> Floats:
    positives, negatives = counts_per_level(
        scores.astype(np.float64), abnormal.astype(np.bool_), weights=weights
    )
    return auroc(positives, negatives)


def _interval(values: Floats) -> tuple[float, float, float]:
    low, high = np.nanquantile(values[1:], (0.025, 0.975))
    return round(float(values[0]), 4), round(float(low), 4), round(float(high), 4)


def _table(protocol: str, rows: Mapping[str, Mapping[str, object]], ours: str) -> str:
    """Return the table of a protocol: ours first, then by the first figure; `*`: ours is ahead, interval above 0."""
    columns = FIGURES[protocol]
    lines = [
        f"## {TITLES[protocol]}",
        "",
        f"| synthesis | seeds | {' | '.join(columns)} |",
        "|---" * (2 + len(columns)) + "|",
    ]
    order = sorted(rows, key=lambda name: (name != ours, -rows[name]["figures"]["auroc"][0]))  # type: ignore[index]
    for method in order:
        row = rows[method]
        cells = [
            _cell(row["figures"][name], row["ahead"][name], name, ours=method == ours)  # type: ignore[index]
            for name in columns.values()
            if name in row["figures"]  # type: ignore[operator]
        ]
        lines.append(f"| `{method}` | {row['seeds']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(
    value: tuple[float, float, float], ahead: tuple[float, float, float], name: str, *, ours: bool
) -> str:
    if name == "marked":
        return f"{100 * value[0]:.1f} %"
    star = "*" if ahead[1] > 0 and not ours else ""
    return f"{value[0]:.3f} ({value[1]:.3f}-{value[2]:.3f}){star}"


if __name__ == "__main__":
    main()
