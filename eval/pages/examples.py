"""Choose the images that a reader should see: best, median and worst, falsely marked, and at random."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.boxes import fill_boxes
from artasyn.eval.metrics.histogram import EDGES, LEVELS
from artasyn.eval.pictures import data_uri, heat_layer, prediction_outline, truth_outline
from artasyn.eval.score import Measured
from artasyn.eval.scoring.image_statistics import Sample
from artasyn.eval.scoring.measure import Sources, find_sample
from artasyn.eval.scoring.results import ScoredImages
from artasyn.eval.scoring.worker_pool import WorkerPool
from artasyn.train.scoring.thresholds import predicted_mask

__all__ = ["ExampleGroup", "Picture", "begin_examples", "choose", "top_of_scale"]

A_GROUP = 4
"""Images a group: one row of a wide screen."""

FINE = 512
"""Side in pixels up to which outlines are drawn."""

TOP_SHARE = 0.999
"""Share of all pixels of the data set that lie below the top of the colour scale."""


class Layers(NamedTuple):
    """One image and what lies over it, as data URIs."""

    image: str
    heat: str
    prediction: str
    truth: str
    """Empty where the truth is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One image with its layers and words."""

    caption: str
    note: str
    layers: Layers


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleGroup:
    """A few images that belong together."""

    title: str
    pictures: tuple[Picture, ...]


def choose(table: ScoredImages) -> dict[str, list[int]]:
    """Return the numbers of the images of each group; ties go to the first."""
    scores, cases = table.score("run"), table.cases
    annotated, normal = np.flatnonzero(cases.annotated), np.flatnonzero(~cases.abnormal)
    unmarked = np.flatnonzero(cases.abnormal & ~cases.annotated)
    by_dice = annotated[np.argsort(-table.dice("run")[annotated], kind="stable")]
    by_area = normal[np.argsort(-table.marked_share_inside("run")[normal], kind="stable")]
    typical = normal[np.argsort(scores[normal], kind="stable")]
    groups = {
        "Best Dice": by_dice[:A_GROUP],
        "Median Dice": _middle(by_dice),
        "Worst Dice": by_dice[::-1][:A_GROUP],
        "Normal images, most marked": by_area[:A_GROUP],
        "Median normal images": _middle(typical),
        "Abnormal images at random": _at_random(np.flatnonzero(cases.abnormal)),
        "Normal images at random": _at_random(normal),
        "Abnormal without a mask, lowest scores": unmarked[np.argsort(scores[unmarked], kind="stable")][
            :A_GROUP
        ],
    }
    return {title: chosen.tolist() for title, chosen in groups.items() if chosen.size}


def top_of_scale(table: ScoredImages, threshold: float) -> float:
    """Return the top of the colour scale for the whole data set; the threshold lies below it."""
    total = np.zeros(LEVELS)
    for name in ("positives", "negatives"):
        for _, values in table.journal.read(name):
            total += values[:, 0].sum(0)
    share = np.cumsum(total) / max(1.0, total.sum())
    top = EDGES[min(int(np.searchsorted(share, TOP_SHARE)), LEVELS - 1)]
    return float(min(1.0, max(top, 1.25 * threshold)))


def begin_examples(measured: Measured, pool: WorkerPool, *, top: float) -> Callable[[], list[ExampleGroup]]:
    """Let the pool begin to draw the chosen images; return what waits for all."""
    table, threshold = measured.table, measured.run.thresholds.pixel
    chosen = choose(table)
    draw = functools.partial(_draw, measured.sources, threshold, top)
    begun = {i: pool.begin(draw, i) for i in sorted({i for images in chosen.values() for i in images})}
    return functools.partial(_groups, table, chosen, begun)


def _groups(
    table: ScoredImages, chosen: Mapping[str, Sequence[int]], begun: Mapping[int, Callable[[], Layers]]
) -> list[ExampleGroup]:
    drawn = {i: finished() for i, finished in begun.items()}
    return [
        ExampleGroup(title=title, pictures=tuple(_picture(table, i, drawn[i]) for i in images))
        for title, images in chosen.items()
    ]


def _picture(table: ScoredImages, i: int, layers: Layers) -> Picture:
    caption = PurePosixPath(table.cases.image_ids[i]).name
    return Picture(caption=caption, note=_note(table, i), layers=layers)


def _draw(sources: Sources, threshold: float, top: float, i: int) -> Layers:
    """Read an image again and draw its layers."""
    sample = find_sample(sources, i)
    marked = predicted_mask(sample.anomaly, threshold)
    return Layers(
        image=data_uri(sample.image),
        heat=data_uri(heat_layer(sample.anomaly, top=top)),
        prediction=data_uri(prediction_outline(_enlarge(marked))),
        truth=_truth(sample),
    )


def _truth(sample: Sample) -> str:
    """Outline the mask, or the boxes where there is none; empty where neither is known."""
    boxed = sample.boxes is not None and len(sample.boxes) > 0
    if not sample.truth_known and not boxed:
        return ""
    shapes = [sample.truth]
    if not sample.truth_known and sample.boxes is not None:
        shapes = [fill_boxes(box[None], sample.image.shape) for box in sample.boxes]
    outlines = [truth_outline(_enlarge(shape)) for shape in shapes]
    together = np.maximum.reduce([outline.indices for outline in outlines])
    return data_uri(outlines[0]._replace(indices=together))


def _enlarge(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Repeat the pixels of a small mask, so that its outline is drawn finer than they are."""
    times = max(1, FINE // max(mask.shape))
    return mask.repeat(times, axis=0).repeat(times, axis=1)


def _note(table: ScoredImages, i: int) -> str:
    parts = [f"score {table.score('run')[i]:.3f}"]
    if table.cases.annotated[i]:
        parts.append(f"Dice {table.dice('run')[i]:.3f}")
        share = table.lesion_share()[i]
        parts += [f"truth {100 * share:.0f} % of the lungs"] if np.isfinite(share) else []
    elif not table.cases.abnormal[i]:
        where = "lungs" if table.has_lungs[i] else "image"
        parts.append(f"{100 * table.marked_share_inside('run')[i]:.1f} % of the {where} falsely marked")
    return " · ".join(parts)


def _at_random(images: NDArray[np.intp]) -> NDArray[np.intp]:
    """Draw a group of images; the same ones for the same store, whatever the run."""
    rng = np.random.default_rng((A_GROUP, len(images)))
    return np.sort(rng.permutation(images)[:A_GROUP])


def _middle(ordered: NDArray[np.intp]) -> NDArray[np.intp]:
    first = max(0, (len(ordered) - A_GROUP) // 2)
    return ordered[first : first + A_GROUP]
