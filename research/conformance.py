"""What each published synthesis does to normal radiographs, beside figures of an independent implementation.

    python -m research.conformance --root COVID_QU_EX [--count 120]

For each rival, one image for each of the first normal radiographs of `index.csv`: quantiles of the mask's share of
the image, the share of the mask that lies in the lungs (people's lung masks), the share of changed mask pixels that
became darker, and the mean change in grey values. Each is printed as found (standard error) / given. The figures given
for `draem` and `many_tasks` fit a special case of them, those for `anatpaste` a mask of every weight from 1 of 255 on
(it publishes no mask; ours begins above 20): each has a line of its own.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.rivals.record import RivalRecord, draw_rival, render_rival
from artasyn.synth.opacities.rivals.registry import RIVALS
from artasyn.synth.opacities.rivals.scene import SecondImage
from artasyn.synth.seeds import generator
from research.realism_data import MarkedRadiograph, read_radiographs

GIVEN = {
    "cutpaste": (0.028, 0.092, 0.145, 0.32, 0.50, 55),
    "cutpaste_scar": (0.000, 0.002, 0.004, 0.24, 0.63, 57),
    "fpi": (0.012, 0.051, 0.144, 0.31, 0.48, 15),
    "pii": (0.012, 0.051, 0.145, 0.31, 0.51, 13),
    "nsa": (0.010, 0.047, 0.138, 0.33, 0.45, 13),
    "nsa_normal": (0.013, 0.057, 0.145, 0.33, 0.48, 22),
    "anatpaste": (0.013, 0.046, 0.097, 1.0, 0.36, 23),
    "draem": (0.025, 0.047, 0.098, 0.26, 0.48, 22),
    "many_tasks": (0.008, 0.053, 0.207, 0.37, 0.48, 49),
    "syntumor": (0.004, 0.026, 0.079, 1.0, 0.0, 28),
}
"""Mask share (quantiles .05, .5, .95), share in the lungs, darker, mean change: an independent implementation."""
SPECIAL: dict[str, tuple[str, Callable[[RivalRecord], RivalRecord | None]]] = {
    "draem": ("texture unchanged", lambda record: replace(record, params=replace(record.params, changes=()))),
    "many_tasks": ("intensity alone", lambda record: record if record.params.task == "intensity" else None),
    "anatpaste": ("every weight", lambda record: record),
}
"""The special case that the figures given fit: its record from one drawn, None where another one is to be drawn."""
LEAST_WEIGHT = {"every weight": 1 / 255}
"""Special cases whose mask is where the label is at least this."""
QUANTILES = (0.05, 0.5, 0.95)


@click.command(help=__doc__)
@click.option(
    "--root", type=click.Path(path_type=Path, exists=True), required=True, help="Folder of radiographs."
)
@click.option("--count", default=120, help="How many normal radiographs.")
@click.option("--seed", default=0, help="What is drawn.")
@click.option("--in-lung", is_flag=True, help="The variants in the lungs.")
def main(root: Path, count: int, seed: int, in_lung: bool) -> None:
    radiographs = read_radiographs(root, "Normal")[:count]
    click.echo(f"{'kind':17} {'share .05 .5 .95':>34} {'in lungs':>18} {'darker':>18} {'change':>13}")
    for name in GIVEN:
        _print(name, radiographs, seed, in_lung=in_lung)
        if name in SPECIAL:
            _print(name, radiographs, seed, in_lung=in_lung, special=True)


def _print(
    name: str, radiographs: list[MarkedRadiograph], seed: int, *, in_lung: bool, special: bool = False
) -> None:
    words, chosen = SPECIAL[name] if special else (name, lambda record: record)
    own = name + "_in_lung" * in_lung
    least = LEAST_WEIGHT.get(words)
    measured = [_measure(own, radiographs, place, seed, chosen, least) for place in range(len(radiographs))]
    click.echo(_line(words, np.array([m for m in measured if m is not None]), GIVEN[name]))


def _measure(
    name: str,
    radiographs: list[MarkedRadiograph],
    place: int,
    seed: int,
    chosen: Callable[[RivalRecord], RivalRecord | None],
    least: float | None,
) -> tuple[float, ...] | None:
    """Return mask share, share in the lungs, darker share and mean change of one image; None without a mask."""
    radiograph, other = radiographs[place], radiographs[(place + 1) % len(radiographs)]
    second = SecondImage(image_id=other.name, pixels_sha256=other.name, pixels=other.image)
    lungs, rng, record = Lungs(radiograph.labels), generator(seed, radiograph.name, 0, stage=name), None
    while record is None:
        record = chosen(draw_rival(name, radiograph.image, lungs, rng=rng, read_second=lambda: second))
    painted = render_rival(record, radiograph.image, lungs, read_second=lambda: second)
    mask = painted.mask if least is None else painted.label >= least
    if not mask.any():
        return None
    change = painted.altered.astype(int)[mask] - radiograph.image.astype(int)[mask]
    moved = change[change != 0]
    darker = float((moved < 0).mean()) if moved.size else np.nan
    inside = float((radiograph.labels[mask] > 0).mean())
    return float(mask.mean()), inside, darker, float(np.abs(change).mean())


def _line(name: str, measured: np.ndarray, given: tuple[float, ...]) -> str:
    assert set(GIVEN) | {"cutpaste_union"} == set(RIVALS)
    shares = " ".join(f"{q:.3f}" for q in np.quantile(measured[:, 0], QUANTILES))
    theirs = " ".join(f"{q:.3f}" for q in given[:3])
    means, errors = np.nanmean(measured, axis=0), np.nanstd(measured, axis=0) / np.sqrt(len(measured))
    cells = [f"{means[i]:.2f} ({errors[i]:.2f}) / {given[i + 2]:.2f}" for i in (1, 2)]
    change = f"{means[3]:.0f} ({errors[3]:.0f}) / {given[5]:.0f}"
    return f"{name:17} {shares} / {theirs} {cells[0]:>18} {cells[1]:>18} {change:>13}  n={len(measured)}"


if __name__ == "__main__":
    main()
