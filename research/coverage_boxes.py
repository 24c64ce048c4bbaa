"""How often do the intervals of box figures, AUPIMO and the rank correlation cover the truth? Simulated studies.

python -m research.coverage_boxes [STUDIES]: prints, for each number of patients, each figure's coverage. A study has as
many normal images as images with a finding; patients have two images each, which share how easy they are.
"""

from collections.abc import Callable, Mapping

import click
import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.overlap import weighted_mean
from artasyn.eval.metrics.rank_correlation import spearman
from artasyn.eval.metrics.ranking import Floats, aupimo, detection_precision, sensitivity_at_rate
from research.coverage import print_coverage, share_covered

__all__ = ["FAMILIES", "covered"]

MANY = 4000
"""Patients from whom the true figures are taken."""
IMAGES = 2
"""Of each patient."""
LEVELS = 60

Study = tuple[Mapping[str, Floats], NDArray[np.intp]]
"""What is known of each image, first axis the images; and the patient's number."""


def _patients(patients: int) -> NDArray[np.intp]:
    return np.arange(patients).repeat(IMAGES)


def _ease(patients: int, rng: np.random.Generator) -> Floats:
    """Draw how much higher than usual the map is on each image: most of it the patient's, a little its own."""
    own = rng.normal(0, 0.3, patients * IMAGES)
    return np.asarray(rng.normal(0, 1, patients)[_patients(patients)] + own)


def _levels(values: Floats) -> NDArray[np.intp]:
    """Return levels 0 to LEVELS - 1 of values about -3 to 6."""
    return np.clip(((values + 3) * LEVELS / 9).astype(np.intp), 0, LEVELS - 1)


def draw_boxes(patients: int, *, rng: np.random.Generator) -> Study:
    """Draw images, every other patient normal: up to three boxes, found at some level or never, and false marks."""
    n, ease = patients * IMAGES, _ease(patients, rng)
    boxes = np.where(_patients(patients) % 2 == 0, rng.integers(1, 4, n), 0)
    found, false = np.zeros((n, LEVELS)), np.zeros((n, LEVELS))
    for i in range(n):
        seen = rng.random(boxes[i]) < 0.8
        np.add.at(found[i], _levels(1.5 + ease[i] + rng.normal(0, 1, int(seen.sum()))), 1)
        np.add.at(false[i], _levels(ease[i] + rng.normal(0, 1, rng.poisson(3))), 1)
    pointing = (rng.random(n) < 1 / (1 + np.exp(-ease))).astype(float)
    return {"boxes": boxes.astype(float), "found": found, "false": false, "pointing": pointing}, _patients(
        patients
    )


def figures_of_boxes(study: Study, weights: Floats) -> dict[str, Floats]:
    """Return the figures on boxes under weights `(B, n)`."""
    facts = study[0]
    found, false, boxes = (weights @ facts[name] for name in ("found", "false", "boxes"))
    images, ill = weights.sum(1), facts["boxes"] > 0
    rates = [sensitivity_at_rate(found, false, boxes, images, rate=rate) for rate in (0.5, 1.0, 2.0)]
    frozen = LEVELS // 2
    return {
        "pointing_game": weighted_mean(facts["pointing"][ill], weights=weights[:, ill]),
        "box_recall": np.divide(
            found[:, frozen:].sum(1), boxes, out=np.full(len(boxes), np.nan), where=boxes > 0
        ),
        "false_marks": false[:, frozen:].sum(1) / images,
        "froc_1": rates[1],
        "froc_mean": np.mean(rates, axis=0),
        "box_ap": detection_precision(found, false, boxes),
    }


def draw_pixels(patients: int, *, rng: np.random.Generator) -> Study:
    """Draw images of 2,000 pixels, every other patient normal: levels of pixels inside and outside the truth."""
    n, ease = patients * IMAGES, _ease(patients, rng)
    recalls, normal = np.zeros((n, LEVELS)), np.zeros((n, LEVELS))
    for i in range(n):
        if _patients(patients)[i] % 2 == 0:
            truth = _levels(2.5 + ease[i] + rng.normal(0, 1, int(rng.integers(50, 600))))
            recalls[i] = np.bincount(truth, minlength=LEVELS) / len(truth)
        else:
            normal[i] = np.bincount(_levels(0.3 * ease[i] + rng.normal(0, 1, 2000)), minlength=LEVELS)
    return {"recalls": recalls, "normal": normal}, _patients(patients)


def figures_of_pixels(study: Study, weights: Floats) -> dict[str, Floats]:
    """Return AUPIMO between 1e-3 and 1e-1: images of 2,000 pixels allow no lower rate."""
    recalls, normal = (weights @ study[0][name] for name in ("recalls", "normal"))
    return {"aupimo_wide": aupimo(recalls, normal, low=1e-3, high=1e-1)}


def draw_severity(patients: int, *, rng: np.random.Generator) -> Study:
    """Draw a grade from 0 to 8 and a marked share that follows it loosely."""
    ease = _ease(patients, rng)
    grade = np.clip(np.rint(4 + 2 * ease), 0, 8)
    share = ease + rng.normal(0, 0.8, len(ease))
    return {"grade": grade, "share": share}, _patients(patients)


def figures_of_severity(study: Study, weights: Floats) -> dict[str, Floats]:
    """Return Spearman's correlation."""
    return {"spearman": spearman(study[0]["share"], study[0]["grade"], weights=weights)}


FAMILIES: dict[str, tuple[Callable[..., Study], Callable[[Study, Floats], dict[str, Floats]]]] = {
    "boxes": (draw_boxes, figures_of_boxes),
    "pixels": (draw_pixels, figures_of_pixels),
    "severity": (draw_severity, figures_of_severity),
}


def covered(family: str, patients: int, *, studies: int, resamples: int = 300) -> dict[str, float]:
    """Return the share of simulated studies whose interval holds the true figure."""
    make, figures = FAMILIES[family]
    return share_covered(make, figures, patients, many=MANY, studies=studies, resamples=resamples)


@click.command(help=__doc__)
@click.argument("studies", default=200)
def main(studies: int) -> None:
    print_coverage(FAMILIES, covered, studies=studies)


if __name__ == "__main__":
    main()
