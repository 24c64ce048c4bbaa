"""One line an image as CSV: what most figures of a report can be computed from again."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.files import csv_text
from artasyn.eval.metrics.ranking import Floats
from artasyn.eval.scoring.image_statistics import MASKS
from artasyn.eval.scoring.results import ScoredImages

__all__ = ["images_csv"]

Columns = Mapping[str, Sequence[object]]

PIXELS = ("true_positive_pixels", "false_positive_pixels", "false_negative_pixels")


def images_csv(table: ScoredImages, *, image_threshold: float) -> str:
    """Return every image's label, scores, overlap and boxes, and the store's columns; empty where not defined.

    Images of one `group` are of one patient, where patients are known: intervals draw them together.
    """
    cases, scores = table.cases, table.score("run")
    columns: Columns = {
        "image_id": cases.image_ids,
        "variant": cases.variants,
        "group": table.groups.tolist(),
        "label": np.where(cases.abnormal, "abnormal", "normal").tolist(),
        "annotated": cases.annotated.astype(int).tolist(),
        "score": _texts(scores),
        "called_abnormal": (scores >= image_threshold).astype(int).tolist(),
        "mean_intensity": _texts(table.score("mean_intensity")),
        "lungs": _whose_lungs(table),
        "lesion_share_of_lungs": _texts(table.lesion_share()),
        "marked_share_of_image": _texts(table.marked_share("run")),
        "marked_share_of_lungs": _texts(table.marked_share_of_lungs("run")),
        **_overlap(table),
        **(_boxes(table) if cases.boxed.any() else {}),
        **{f"store_{name}": cases.column(name) for name in cases.columns},
    }
    return csv_text([tuple(columns), *zip(*columns.values(), strict=True)])


def _whose_lungs(table: ScoredImages) -> list[str]:
    """Say of which lungs the shares are: a human's where there is a mask, else those found without labels."""
    found = np.where(table.available("found_lungs"), "found", "")
    return [str(whose) for whose in np.where(table.available("human_lungs"), "human", found)]


def _overlap(table: ScoredImages) -> Columns:
    annotated = table.cases.annotated
    pixels = zip(PIXELS, table.counts[:, MASKS.index("run"), :3].T, strict=True)
    dices = {
        f"dice_{name}": _where(annotated & table.available(name), _texts(table.dice(name))) for name in MASKS
    }
    return dices | {name: _where(annotated, _numbers(values)) for name, values in pixels}


def _boxes(table: ScoredImages) -> Columns:
    boxed, normal = table.cases.boxed, ~table.cases.abnormal
    number, hit, energy, found, false = table.boxes.T
    return {
        "boxes": _where(boxed | normal, _numbers(number)),
        "boxes_found": _where(boxed, _numbers(found)),
        "false_marks": _where(boxed | normal, _numbers(false)),
        "pointing_game": _where(boxed, _texts(hit)),
        "energy_inside": _where(boxed, _texts(energy)),
    }


def _where(known: NDArray[np.bool_], texts: Iterable[str]) -> list[str]:
    return [text if known else "" for known, text in zip(known, texts, strict=True)]


def _numbers(values: Floats) -> list[str]:
    return [f"{v:.0f}" for v in values]


def _texts(values: Floats) -> list[str]:
    return ["" if np.isnan(v) else f"{v:.6f}" for v in values]
