"""The same figures on parts of the store: by lesion size and by every column that the corpus brought."""

import itertools
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.bootstrap import Draws
from artasyn.eval.scoring.image_statistics import MASKS
from artasyn.eval.scoring.results import ScoredImages
from artasyn.eval.scoring.selection import number_of
from artasyn.eval.summary.estimates import on_normals, overlap, separation

__all__ = ["attribute_groups", "by_attribute", "by_lesion_size", "in_order"]

LESION_BOUNDS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Share of the lungs that the truth covers; the last part includes 1."""

FEWEST_IMAGES = 5
"""Values with fewer images are taken together: no figure means anything there."""

MOST_VALUES = 20
"""Columns with more values than this are cut into quarters if they are numbers, else left out."""

OTHERS = "(rare values)"


def by_lesion_size(table: ScoredImages) -> list[dict[str, Any]]:
    """Return the overlap of every mask method, by how much of the lungs the truth covers."""
    share = table.lesion_share()
    parts = []
    for low, high in itertools.pairwise(LESION_BOUNDS):
        among = (share >= low) & ((share < high) if high < 1 else (share <= 1))
        part: dict[str, Any] = {"from": low, "to": high, "images": int(among.sum())}
        part["dice_mean"] = {m: overlap(table, m, among=among)["dice_mean"].to_dict() for m in MASKS}
        part["auroc_against_normals"] = _auroc(table, among | ~table.cases.abnormal)
        parts.append(part)
    return parts


def by_attribute(table: ScoredImages) -> dict[str, list[dict[str, Any]]]:
    """Return the run's figures for each value of each column with few values; "" is where it is not given."""
    return {
        column: [_part(table, value, values == value) for value in in_order(values)]
        for column, values in attribute_groups(table).items()
    }


def attribute_groups(table: ScoredImages) -> dict[str, NDArray[np.str_]]:
    """Return each image's group by every column that has few values."""
    groups = {column: _groups(table.cases.column(column)) for column in table.cases.columns}
    return {
        column: values
        for column, values in groups.items()
        if 1 < len(set(values.tolist()) - {OTHERS}) <= MOST_VALUES
    }


def in_order(values: NDArray[np.str_]) -> list[str]:
    """Return the distinct groups: numbers and their quarters by size, then texts by the alphabet."""
    starts = {value: number_of(value.partition(" to ")[0]) for value in set(values.tolist())}
    return sorted(starts, key=lambda value: (np.isnan(starts[value]), np.nan_to_num(starts[value]), value))


def _groups(values: list[str]) -> NDArray[np.str_]:
    """Return each image's group: its value, quarters where the values are numbers, rare ones taken together."""
    if len(set(values)) > MOST_VALUES:
        values = _quarters(values)
    counts = Counter(values)
    return np.array([value if counts[value] >= FEWEST_IMAGES else OTHERS for value in values])


def _quarters(values: list[str]) -> list[str]:
    """Name the quarter that a number, such as an age, lies in; leave texts as they are."""
    numbers = np.array([number_of(value) for value in values])
    known = np.isfinite(numbers)
    if known.sum() < len(values) / 4:
        return values
    bounds = np.unique(np.quantile(numbers[known], [0, 0.25, 0.5, 0.75, 1]))
    if len(bounds) < 2:
        return values
    places = np.clip(np.searchsorted(bounds, numbers, side="right") - 1, 0, len(bounds) - 2)
    names = [f"{low} to {high}" for low, high in itertools.pairwise(_written(bounds.tolist()))]
    return [names[k] if ok else value for k, ok, value in zip(places, known, values, strict=True)]


def _written(bounds: list[float]) -> list[str]:
    """Write numbers with as few digits as keep them apart, whole ones in full: years and dates stay readable."""
    if all(bound.is_integer() for bound in bounds):
        return [f"{bound:.0f}" for bound in bounds]
    written = ([f"{bound:.{digits}g}" for bound in bounds] for digits in range(3, 18))
    return next(texts for texts in written if len(set(texts)) == len(bounds))


def _part(table: ScoredImages, value: str, among: NDArray[np.bool_]) -> dict[str, Any]:
    abnormal = table.cases.abnormal
    return {
        "value": value,
        "normal": int((among & ~abnormal).sum()),
        "abnormal": int((among & abnormal).sum()),
        "annotated": int((among & table.cases.annotated).sum()),
        "auroc": _auroc(table, among),
        "auroc_against_all_normals": _auroc(table, (among & abnormal) | ~abnormal),
        "dice_mean": overlap(table, "run", among=among)["dice_mean"].to_dict(),
        "share_of_normal_lungs_marked": on_normals(table, "run", among=among)["share_of_lungs"].to_dict(),
    }


def _auroc(table: ScoredImages, among: NDArray[np.bool_]) -> dict[str, float | int | None]:
    abnormal = table.cases.abnormal[among]
    if not abnormal.any() or abnormal.all():
        return Draws(value=np.nan, resampled=np.full(0, np.nan), groups=0).to_dict()
    return separation(table, among).to_dict()
