"""Opacities a second on one core, against the slow painter, and whether both paint the same picture.

    python -m benchmarks.textures [--images 24] [--size 256] [--draws 300] [--out FILE.json]

Phantoms only. Times are CPU seconds of this process, taken in turns (six fast, six slow, six fast ...), so that the
ratio depends little on the machine. `--draws` also compares the fast painter's own draws with the slow one's:
Kolmogorov-Smirnov on mask area, mean brightness change inside the mask and share of the mask outside the lungs.
"""

import json
import resource
import time
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np
from scipy import stats

from artasyn.synth.config import load_config
from artasyn.synth.opacities import (
    OpacityConfig,
    draw_opacity,
    draw_variant_count,
    prepare_chest,
    render_opacity,
    synthesize,
    synthesize_in,
)
from artasyn.synth.seeds import generator
from artasyn.synth.sources.phantom import draw_phantom, render_phantom
from tests.oracles.paper_opacity import draw_stamps, oracle_opacity, replay_stamps

Chest = tuple[Any, Any]


@click.command(help=__doc__)
@click.option("--images", default=24, help="Phantoms that are timed.")
@click.option("--size", default=256, help="Side in pixels for the rate of the presets.")
@click.option("--draws", default=300, help="Draws of each painter that are compared; 0: none.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the figures as JSON.")
def main(images: int, size: int, draws: int, out: Path | None) -> None:
    cv2.setNumThreads(1)
    figures: dict[str, Any] = {"paper_against_oracle": _race(images)}
    figures["rate_per_core"] = {preset: _rate(preset, images, size) for preset in ("paper", "default")}
    figures["peak_memory_mb_at_this_size"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    figures["scaling"] = {side: _rate("default", max(4, images // 4), side) for side in (128, 256, 512, 1024)}
    if draws:
        figures["two_samples"] = _two_samples(draws)
    text = json.dumps(figures, indent=1)
    click.echo(text)
    if out:
        out.write_text(text + "\n", encoding="utf-8")


def _chests(count: int, size: int) -> list[Chest]:
    phantoms = [
        render_phantom(draw_phantom(rng=generator(i, "bench", 0), abnormal=False), size=size)
        for i in range(count)
    ]
    return [(phantom.image, phantom.lungs) for phantom in phantoms]


def _race(count: int) -> dict[str, float]:
    """Time draw + render against the oracle on the same records, hence the same stamps."""
    config = load_config("paper").opacities
    chests = _chests(count, 256)
    for i, (image, labels) in enumerate(chests):  # fills the banks of ready-made stamps
        synthesize(image, labels, rng=generator(i, "warm", 0), config=config)
    fast, slow, stamps = np.zeros(count), np.zeros(count), np.zeros(count)
    for block in np.array_split(np.arange(count), max(1, count // 6)):
        records = []
        for i in block:
            start = time.process_time()
            record = draw_opacity(*chests[i], rng=generator(int(i), "race", 0), config=config)
            render_opacity(record, *chests[i])
            fast[i] = time.process_time() - start
            records.append(record)
        for i, record in zip(block, records, strict=True):
            strokes, params = replay_stamps(record), record.kinds[0].params
            start = time.process_time()
            oracle_opacity(*chests[i], strokes, tip=params.tip, cells_seed=params.cells_seed)
            slow[i] = time.process_time() - start
            stamps[i] = sum(map(len, strokes))
    return {
        "ratio_of_means": round(slow.mean() / fast.mean(), 1),
        "fast_ms": round(1e3 * fast.mean(), 2),
        "oracle_ms": round(1e3 * slow.mean(), 1),
        "mean_stamps": round(stamps.mean()),
    }


def _rate(preset: str, count: int, size: int) -> dict[str, float]:
    """Time opacities as a build makes them: as many in each chest as the preset draws, prepared once."""
    config: OpacityConfig = load_config(preset).opacities
    chests = _chests(count, size)
    for i, (image, labels) in enumerate(chests):
        synthesize(image, labels, rng=generator(i, "warm", 0), config=config)
    start, made = time.process_time(), 0
    for i, (image, labels) in enumerate(chests):
        chest = prepare_chest(image, labels)
        for variant in range(draw_variant_count(rng=generator(i, "count", 0), config=config)):
            synthesize_in(chest, rng=generator(i, "rate", variant), config=config)
            made += 1
    seconds = (time.process_time() - start) / made
    return {"per_second": round(1 / seconds, 1), "ns_per_pixel": round(1e9 * seconds / size**2, 1)}


def _two_samples(draws: int) -> dict[str, Any]:
    config = load_config("paper").opacities
    fast, slow = [], []
    for seed, (image, labels) in enumerate(_chests(draws, 256)):
        record = draw_opacity(image, labels, rng=generator(seed, "fast", 0), config=config)
        opacity = render_opacity(record, image, labels)
        fast.append(_statistics(image, opacity.altered, opacity.outline, labels))
        rng = generator(seed, "slow", 0)
        strokes = draw_stamps(labels, rng=rng)
        tip, cells = int(rng.integers(config.brush.tips)), int(rng.integers(2**31))
        altered, _, mask = oracle_opacity(image, labels, strokes, tip=tip, cells_seed=cells)
        slow.append(_statistics(image, altered, mask, labels))
    names = ("mask_share_of_image", "brightness_change_in_mask", "share_of_mask_outside_lungs")
    return {name: _compare(*np.array([fast, slow])[:, :, k]) for k, name in enumerate(names)}


def _compare(fast: Any, slow: Any) -> dict[str, float]:
    test = stats.ks_2samp(fast, slow)
    return {
        "fast_mean": round(float(fast.mean()), 4),
        "oracle_mean": round(float(slow.mean()), 4),
        "ks": round(float(test.statistic), 3),
        "p": round(float(test.pvalue), 3),
    }


def _statistics(image: Any, altered: Any, mask: Any, labels: Any) -> tuple[float, float, float]:
    inside = mask > 0
    if not inside.any():
        return 0.0, 0.0, 0.0
    change = (altered.astype(float) - image)[inside].mean()
    return inside.mean(), change, (inside & (labels == 0)).sum() / inside.sum()


if __name__ == "__main__":
    main()
