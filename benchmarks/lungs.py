"""Lung fields: how fast, how right, and whether their quality says so.

    python -m benchmarks.lungs [--score NAME IMAGES MASKS]... [--images 24] [--every 1] [--out FILE.json]

Speed: the published rule against its slow oracle, on the same images in turns; then every method at growing sizes.
Times are CPU seconds of this process, one thread. Images are phantoms, or those of the first `--score` folder.
Accuracy: Dice against drawn masks of the same names, every image counted, refused and empty ones too; no image is
copied anywhere. `--every 10` takes every tenth image of a folder.
"""

import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np
import scipy
from numpy.typing import NDArray

from artasyn.data_manifests.images.decode import read_image, read_mask
from artasyn.synth.lungs import LungConfig, PbtsegConfig, segment_lungs
from artasyn.synth.lungs.pbtseg.segment import segment_by_pbtseg
from artasyn.synth.outlining.agreement import overlap
from artasyn.synth.seeds import generator
from artasyn.synth.sources.phantom import draw_phantom, render_phantom
from tests.oracles.pbtseg import oracle

Images = list[NDArray[np.uint8]]
METHODS = ("network", "thresholds", "pbtseg")


@click.command(help=__doc__)
@click.option("--score", "sources", nargs=3, multiple=True, type=str, metavar="NAME IMAGES MASKS")
@click.option("--images", default=24, help="Images that are timed.")
@click.option("--every", default=1, help="Score every n-th image of a folder.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the figures as JSON, and the table beside it as .md.",
)
def main(sources: tuple[tuple[str, str, str], ...], images: int, every: int, out: Path | None) -> None:
    cv2.setNumThreads(1)
    timed = _some_images(sources, images)
    figures: dict[str, Any] = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}, OpenCV {cv2.__version__}",
        "published_against_oracle": _race(timed),
        "milliseconds_per_image": {size: _speeds(timed[:8], size) for size in (128, 256, 512, 1024)},
        "accuracy": [_accuracy(*source, method, every) for source in sources for method in METHODS],
    }
    table = _table(figures["accuracy"])
    click.echo(json.dumps(figures, indent=1))
    click.echo(table)
    if out:
        out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        out.with_suffix(".md").write_text(table + "\n", encoding="utf-8")


def _some_images(sources: tuple[tuple[str, str, str], ...], count: int) -> Images:
    if sources:
        paths = _paths(Path(sources[0][1]))
        return [read_image(path) for path in paths[:: max(1, len(paths) // count)][:count]]
    params = [draw_phantom(rng=generator(i, "bench", 0), abnormal=False) for i in range(count)]
    return [render_phantom(p, size=256).image for p in params]


def _paths(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in (".png", ".jpg", ".jpeg"))


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _race(images: Images) -> dict[str, float | bool]:
    """Time both on each image in turn; the ratio of the sums hardly depends on the machine's load."""
    config, fast, slow, equal = PbtsegConfig(), 0.0, 0.0, True
    for image in images:
        fast += _cpu(lambda image=image: segment_by_pbtseg(image, config))
        slow += _cpu(lambda image=image: oracle(image, config))
        equal &= np.array_equal(segment_by_pbtseg(image, config), oracle(image, config))
    per_image = 1000 / len(images)
    return {
        "fast_ms": fast * per_image,
        "slow_ms": slow * per_image,
        "ratio": slow / fast,
        "labels_equal": equal,
    }


def _speeds(images: Images, size: int) -> dict[str, float]:
    resized = [cv2.resize(image, (size, size), interpolation=cv2.INTER_LINEAR) for image in images]
    speeds = {}
    for method in METHODS:
        config = LungConfig(method=method)
        segment_lungs(resized[0], config)  # loads the weights
        times = [
            min(_cpu(lambda i=image, c=config: segment_lungs(i, c)) for _ in range(3)) for image in resized
        ]
        speeds[method] = round(1000 * float(np.mean(times)), 2)
    return speeds


def _accuracy(name: str, images: str, masks: str, method: str, every: int) -> dict[str, Any]:
    config, scores, qualities, refused, absent = LungConfig(method=method), [], [], 0, 0
    for path in _paths(Path(images))[::every]:
        field = segment_lungs(read_image(path), config)
        scores.append(overlap(field.labels > 0, read_mask(Path(masks) / path.with_suffix(".png").name)).dice)
        qualities.append(field.quality)
        refused += bool(field.reason)
        absent += not field.labels.any()
    dice = np.array(scores)
    varied = np.ptp(qualities) > 0  # only the network has an opinion of itself
    return {
        "source": name,
        "method": method,
        "images": len(dice),
        "mean": round(float(dice.mean()), 4),
        "p5": round(float(np.percentile(dice, 5)), 3),
        "below_0.8": int((dice < 0.8).sum()),
        "no_lung_at_all": absent,
        "refused": refused,
        "quality_spearman": round(float(scipy.stats.spearmanr(dice, qualities).statistic), 3)
        if varied
        else None,
    }


def _table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return ""
    lines = ["| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0])]
    return "\n".join(lines + ["| " + " | ".join(str(value) for value in row.values()) + " |" for row in rows])


if __name__ == "__main__":
    main()
