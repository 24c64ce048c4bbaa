"""What the tests of a scoring share: few resamples, and maps computed one by one."""

from pathlib import Path

from artasyn.data_manifests.store.version import open_version
from artasyn.eval.inference import infer
from artasyn.eval.score import ScoreConfig
from artasyn.train.runs.run import open_run

QUICK = ScoreConfig(resamples=100)


def exact_maps(run_path: Path, store: str):  # type: ignore[no-untyped-def]
    """Yield row, map, score and the store's channels, one image at a time, straight from the run and the store."""
    run, version = open_run(run_path), open_version(store)
    for row in range(len(version)):
        image, mask, found, human = version.read(row, channels=("image", "mask", "lungs", "reference_lungs"))
        yield row, *infer(run, image), mask > 0, image, (human if human.any() else found) > 0
