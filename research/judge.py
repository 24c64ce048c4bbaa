"""Judge a run on a store image by image, and keep the counts from which every figure can be made again."""

from pathlib import Path

import numpy as np

from artasyn.data_manifests.store.version import open_version
from artasyn.eval.metrics.boxes import fill_boxes
from artasyn.eval.metrics.histogram import histogram, level_of
from artasyn.eval.metrics.overlap import pixel_counts
from artasyn.eval.scoring.measure import read_sample
from artasyn.eval.scoring.selection import select_images
from artasyn.train.runs.run import open_run
from artasyn.train.scoring.thresholds import predicted_mask

__all__ = ["judge"]


def judge(run_folder: Path, store: str, out: Path) -> None:
    """Write `out`, an npz file with one entry an image: see `np.savez` below. Done only where `out` is not there.

    `score` is the run's image score and `map_score` the map's level alone; pixels are counted against the mask, or
    against filled boxes where the store has boxes.
    """
    if out.exists():
        return
    run, version = open_run(run_folder), open_version(store)
    cases = select_images(version)
    kept: dict[str, list[object]] = {
        name: [] for name in ("score", "map_score", "counts", "inside", "outside")
    }
    marked = []
    for i in range(len(cases)):
        sample = read_sample(run, version, cases, i)
        kept["score"].append(sample.score)
        kept["map_score"].append(sample.map_level)
        truth = sample.truth if sample.boxes is None else fill_boxes(sample.boxes, sample.image.shape)
        mask, values = predicted_mask(sample.anomaly, run.thresholds.pixel), level_of(sample.anomaly)
        kept["counts"].append(pixel_counts(mask, truth))
        kept["inside"].append(histogram(values[truth]).astype(np.int32))
        kept["outside"].append(histogram(values[~truth]).astype(np.int32))
        marked.append((mask & sample.lungs).sum() / max(1, sample.lungs.sum()))
    out.parent.mkdir(parents=True, exist_ok=True)
    arrays = {name: np.array(values) for name, values in kept.items()}
    np.savez_compressed(
        out,
        image_id=np.array(cases.image_ids),
        group=np.array(cases.groups),
        abnormal=cases.abnormal,
        annotated=cases.annotated | cases.boxed,
        view=np.array([attributes.get("view", "") for attributes in cases.attributes]),
        sex=np.array([attributes.get("sex", "") for attributes in cases.attributes]),
        marked_of_lungs=np.array(marked),
        image_threshold=run.thresholds.image,
        **arrays,
    )
