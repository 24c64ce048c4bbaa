"""A whole build with the preset `paper` against the slow, obvious implementations of its two parts.

    OMP_NUM_THREADS=1 python -m benchmarks.end_to_end CORPUS [--limit 130] [--blocks 4] [--out FILE.json]

Fast: a build on one core as it is, from the image files to the committed version: reading, lungs, synthesis,
fingerprints, packing, writing, checking. Slow: reading, lungs by `lungs_oracle` and opacities by `paper_oracle`, of
the same records; nothing is packed or written. Times are CPU seconds of this process, all its threads, taken in
turns: a build of all radiographs before each block of slow ones and after the last. A build before those fills the
banks of ready-made stamps. That both lay as many opacities is checked.
"""

import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

from artasyn.data_manifests.corpora.radiograph import Radiograph
from artasyn.data_manifests.images.geometry import squeeze_to
from artasyn.data_manifests.store.local_folder import FolderBlobs
from artasyn.synth.build.plan import Plan, make_plan
from artasyn.synth.build.selection import Selection
from artasyn.synth.build.shards import build_shards
from artasyn.synth.config import load_config
from artasyn.synth.lungs.acceptance import rejection
from artasyn.synth.opacities import draw_opacity, draw_variant_count
from artasyn.synth.seeds import generator
from artasyn.synth.threads import one_thread
from tests.oracles.paper_opacity import oracle_opacity, replay_stamps
from tests.oracles.pbtseg import oracle


@click.command(help=__doc__)
@click.argument("corpus")
@click.option("--limit", default=130, help="Radiographs.")
@click.option("--blocks", default=4, help="Blocks of the slow ones, with a build before and after each.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the figures as JSON.")
def main(corpus: str, limit: int, blocks: int, out: Path | None) -> None:
    plan = make_plan(
        Selection(corpus=corpus, limit=limit), kind="synthetic", config=load_config("paper"), seed=0
    )
    radiographs = [entry for entry in plan.entries if isinstance(entry, Radiograph)]
    _, opacities = _timed(lambda: _build(plan))
    fast, slow, slow_opacities = [_timed(lambda: _build(plan))[0]], 0.0, 0
    with one_thread():
        for block in np.array_split(np.arange(len(radiographs)), blocks):
            seconds, count = _timed(lambda block=block: sum(_slowly(radiographs[i], plan) for i in block))
            slow, slow_opacities = slow + seconds, slow_opacities + count
            fast.append(_timed(lambda: _build(plan))[0])
    if opacities != slow_opacities:
        raise click.ClickException(f"the build has {opacities} opacities, the slow way {slow_opacities}")
    figures = _figures(fast, slow, count=len(radiographs)) | {"opacities": opacities}
    text = json.dumps(figures, indent=1)
    click.echo(text)
    if out:
        out.write_text(text + "\n", encoding="utf-8")


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def _build(plan: Plan) -> int:
    """Build and commit into a folder that is thrown away; return how many opacities it holds."""
    with tempfile.TemporaryDirectory() as scratch:
        draft = plan.draft(FolderBlobs(scratch))
        opacities = sum(tally["ok"] for tally in build_shards(plan, draft))
        draft.commit({"kind": "synthetic"})
    return opacities


def _slowly(radiograph: Radiograph, plan: Plan) -> int:
    """Lay the opacities of one radiograph; return how many."""
    seed, config, name = plan.recipe.seed, plan.recipe.config, radiograph.image_id
    image = squeeze_to(plan.recipe.source.read_image(radiograph), config.size)
    labels = oracle(image, config.lungs.pbtseg)
    if rejection(labels):
        return 0
    count = draw_variant_count(rng=generator(seed, name, 0, stage="count"), config=config.opacities)
    for variant in range(count):
        rng = generator(seed, name, variant, stage="opacity")
        record = draw_opacity(image, labels, rng=rng, config=config.opacities)
        params = record.kinds[0].params
        oracle_opacity(image, labels, replay_stamps(record), tip=params.tip, cells_seed=params.cells_seed)
    return count


def _figures(fast: list[float], slow: float, *, count: int) -> dict[str, Any]:
    build = statistics.mean(fast)
    return {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "load_average": round(os.getloadavg()[0], 1),
        "radiographs": count,
        "build_ms_per_radiograph": round(1e3 * build / count, 2),
        "build_ms_spread": [round(1e3 * seconds / count, 2) for seconds in (min(fast), max(fast))],
        "slow_ms_per_radiograph": round(1e3 * slow / count, 1),
        "ratio": round(slow / build, 1),
        "ratio_spread": [round(slow / seconds, 1) for seconds in (max(fast), min(fast))],
    }


if __name__ == "__main__":
    main()
