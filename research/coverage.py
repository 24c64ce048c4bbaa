"""How often do the report's intervals cover the truth? Simulated studies whose true figures are known.

python -m research.coverage [STUDIES]: prints, for each kind of study and number of patients, each figure's coverage.
"""

from collections.abc import Callable, Iterable
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.bootstrap import Bootstrap, draw
from artasyn.eval.metrics.overlap import weighted_mean
from artasyn.eval.metrics.own_pairs import grouped_auroc
from artasyn.eval.metrics.ranking import (
    Floats,
    auroc,
    average_precision,
    counts_per_level,
    sensitivity_at_specificity,
)

__all__ = ["STUDIES", "covered", "draw_held_out", "print_coverage", "share_covered"]

Study = tuple[Floats, NDArray[np.bool_], NDArray[np.intp]]
"""Image scores, whether abnormal, and the patient's number."""

PATIENTS = (10, 20, 40, 100)
MANY = 20_000
"""Patients from whom the true figures are taken."""
VARIANTS = 4


def draw_held_out(patients: int, *, rng: np.random.Generator) -> Study:
    """Draw radiographs with four synthetic opacities each: every altered image scores a little above its own source."""
    normal = rng.normal(0, 1, patients)
    altered = normal[:, None] + 0.4 + rng.normal(0, 0.15, (patients, VARIANTS))
    scores = np.concatenate([normal[:, None], altered], axis=1)
    abnormal = np.zeros(scores.shape, bool)
    abnormal[:, 1:] = True
    return scores.ravel(), abnormal.ravel(), np.arange(patients).repeat(1 + VARIANTS)


def draw_patients(patients: int, *, rng: np.random.Generator) -> Study:
    """Draw normal patients and as many ill ones, three images each that share their patient's mean."""
    ill = np.arange(2 * patients) >= patients
    scores = (
        ill[:, None] * 1.0 + rng.normal(0, 1, 2 * patients)[:, None] + rng.normal(0, 0.3, (2 * patients, 3))
    )
    return scores.ravel(), ill.repeat(3), np.arange(2 * patients).repeat(3)


STUDIES: dict[str, Callable[..., Study]] = {"held out": draw_held_out, "patients": draw_patients}


def figures(study: Study, weights: Floats) -> dict[str, Floats]:
    """Return every figure under the weights; `copies` is the AUROC that compares copies of one radiograph."""
    scores, abnormal, groups = study
    counts = counts_per_level(scores, abnormal, weights=weights)
    called = (scores >= 1.0).astype(np.float64)
    return {
        "auroc": grouped_auroc(scores, abnormal, weights=weights, groups=groups),
        "copies": auroc(*counts),
        "average_precision": average_precision(*counts),
        "sensitivity_at_95_specificity": sensitivity_at_specificity(*counts),
        "sensitivity": weighted_mean(called[abnormal], weights=weights[:, abnormal]),
    }


def covered(kind: str, patients: int, *, studies: int, resamples: int = 300) -> dict[str, float]:
    """Return the share of simulated studies whose interval holds the true figure."""
    return share_covered(STUDIES[kind], figures, patients, many=MANY, studies=studies, resamples=resamples)


def share_covered(
    make: Callable[..., Any],
    figures: Callable[[Any, Floats], dict[str, Floats]],
    patients: int,
    *,
    many: int,
    studies: int,
    resamples: int,
) -> dict[str, float]:
    """Return, for each of the `figures`, the share of studies of so many patients whose interval holds the truth.

    `make` draws a study, whose last part is each image's patient; the truth is the figure of `many` patients.
    """
    whole = make(many, rng=np.random.default_rng(0))
    truth = figures(whole, np.ones((1, len(whole[-1]))))
    hits = dict.fromkeys(truth, 0)
    for trial in range(studies):
        study = make(patients, rng=np.random.default_rng((patients, trial)))
        weights = Bootstrap(resamples=resamples, seed=trial).weights(study[-1])
        drawn = draw(lambda w, study=study: figures(study, w), weights)  # type: ignore[misc]
        for name, figure in drawn.items():
            low, high = figure.interval()
            hits[name] += bool(low <= truth[name][0] <= high)
    return {name: count / studies for name, count in hits.items()}


def print_coverage(kinds: Iterable[str], covered: Callable[..., dict[str, float]], *, studies: int) -> None:
    """Print each figure's coverage over so many simulated studies, by kind of study and number of patients."""
    for kind in kinds:
        for patients in PATIENTS:
            found = covered(kind, patients, studies=studies)
            print(f"{kind}, {patients} patients: " + ", ".join(f"{k} {v:.2f}" for k, v in found.items()))


@click.command(help=__doc__)
@click.argument("studies", default=200)
def main(studies: int) -> None:
    print_coverage(STUDIES, covered, studies=studies)


if __name__ == "__main__":
    main()
