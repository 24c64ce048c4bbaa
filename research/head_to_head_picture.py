"""Draw the comparison of syntheses: one row each, one panel a figure, intervals over images."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

__all__ = ["draw"]

PANELS = {
    ("abd", "auroc"): "three places: image AUROC",
    ("abd", "auroc_map"): "three places: of the map alone",
    ("d", "auroc_map"): "NIH: of the map alone",
    ("b", "pixel_ap"): "COVID-QU-Ex: pixel AP",
    ("d", "pixel_ap"): "NIH: pixel AP in boxes",
}
OURS, OTHERS = "#D55E00", "#0072B2"


def draw(found: Mapping[str, Mapping[str, Any]], path: Path, *, ours: str) -> None:
    """Write a PNG with the figures of `research.head_to_head_table.compare`, ours on top."""
    rows = found["abd"]
    order = sorted(rows, key=lambda name: (name != ours, -rows[name]["figures"]["auroc"][0]))
    figure, axes = plt.subplots(
        1, len(PANELS), figsize=(14, 0.6 + 0.27 * len(order)), sharey=True, layout="constrained"
    )
    for axis, ((protocol, name), title) in zip(axes, PANELS.items(), strict=True):
        _panel(
            axis, [found[protocol].get(method, {}).get("figures", {}).get(name) for method in order], title
        )
    axes[0].set_yticks(range(len(order)), order)
    axes[0].invert_yaxis()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _panel(axis: Axes, figures: list[tuple[float, float, float] | None], title: str) -> None:
    for row, figure in enumerate(figures):
        if figure is None:
            continue
        value, low, high = figure
        colour = OURS if row == 0 else OTHERS
        axis.plot([low, high], [row, row], color=colour, linewidth=2, solid_capstyle="round")
        axis.plot(value, row, "o", color=colour, markersize=6)
    if figures[0]:
        axis.axvline(figures[0][0], color=OURS, linewidth=0.8, linestyle=":")
    axis.set_title(title, fontsize=10)
    axis.grid(axis="x", color="#dddddd", linewidth=0.6)
    axis.spines[["top", "right"]].set_visible(False)
