"""Thresholds of a place: learnt from normal or unlabelled images of it, and told beside the frozen ones.

They never replace the frozen ones: whoever looks at images of the place before scoring it answers another question.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.near_duplicates import find_leaks
from artasyn.data_manifests.store.version import Version
from artasyn.eval.scoring.journal import Journal
from artasyn.eval.scoring.selection import Selection
from artasyn.train.runs.run import Run
from artasyn.train.scoring.threshold_curves import image_points, pixel_points
from artasyn.train.scoring.thresholds import FEWEST_NORMALS

__all__ = ["PlaceThresholds", "learn_thresholds", "unusable_normals"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceThresholds:
    """What was learnt from the images of a place."""

    pixel_at: Mapping[str, float]
    """Pixel thresholds by rule, as frozen ones."""
    image_at: Mapping[str, float]
    normal: int
    """Images labelled normal."""
    unlabelled: int
    """Images without a label, taken as normal."""
    left_out: Mapping[str, int]
    """How many images had no say, by reason."""
    store: str
    """Which version they are of: `NAME@ID`."""


def unusable_normals(
    run: Run, normals: tuple[Version, Selection], scored: tuple[Version, Selection]
) -> dict[str, NDArray[np.bool_]]:
    """Return, by reason, which of the normal images must not be learnt from, `(n,)` each; no image has two reasons.

    Raises StoreError where fewer than `FEWEST_NORMALS` are left.
    """
    version, cases = normals
    theirs, trained = _prints(*scored), run.training_images
    patients = set(scored[1].patients) - {""}
    reasons = {
        "scored as well, or nearly equal to a scored one": _shared(_prints(version, cases), theirs),
        "of a patient who is scored": np.array([patient in patients for patient in cases.patients], bool),
        "trained on, or nearly equal": _shared(
            _prints(version, cases), (trained["pixels_sha256"].tolist(), trained["perceptual_hash"].tolist())
        ),
    }
    taken = np.zeros(len(cases), bool)
    for reason, found in reasons.items():
        reasons[reason] = found & ~taken
        taken |= found
    if (left := int((~taken).sum())) < FEWEST_NORMALS:
        told = ", ".join(f"{int(found.sum())} {reason}" for reason, found in reasons.items() if found.any())
        reason = f"has {left} images to learn thresholds from, {FEWEST_NORMALS} are needed"
        remedy = "give other normal or unlabelled images of the place"
        raise StoreError(version.blobs.location, f"{reason}; left out: {told or 'none'}", remedy, kind="few")
    return reasons


def learn_thresholds(
    version: Version, cases: Selection, journal: Journal, unusable: Mapping[str, NDArray[np.bool_]]
) -> PlaceThresholds:
    """Return the thresholds for the usable images of a finished journal of `normal_statistics`."""
    usable = ~np.any(list(unusable.values()), axis=0)
    labelled = version.table["label"][cases.rows] == "normal"
    reasons = {reason: int(found.sum()) for reason, found in unusable.items() if found.any()}
    return PlaceThresholds(
        pixel_at=pixel_points(journal.gather("marked")[usable].mean(0)),
        image_at=image_points(journal.gather("score")[usable]),
        normal=int((usable & labelled).sum()),
        unlabelled=int((usable & ~labelled).sum()),
        left_out=cases.left_out | reasons,
        store=f"{version.blobs.location.rstrip('/').rpartition('/')[2]}@{version.id[:12]}",
    )


Prints = tuple[list[Any], list[Any]]


def _prints(version: Version, cases: Selection) -> Prints:
    table = version.table
    return table["pixels_sha256"][cases.rows].tolist(), table["perceptual_hash"][cases.rows].tolist()


def _shared(ours: Prints, theirs: Prints) -> NDArray[np.bool_]:
    found = find_leaks(*ours, trained_digests=theirs[0], trained_hashes=theirs[1])
    shared = np.zeros(len(ours[0]), bool)
    shared[np.r_[found.exact, found.near]] = True
    return shared
