"""A store of drawn chests, small enough to train on in seconds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from artasyn.data_manifests.config import config_from_dict
from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.data_manifests.store.contract import Row, lay_out
from artasyn.data_manifests.store.draft import Draft
from artasyn.data_manifests.store.encoding import encode_shard
from artasyn.train.config import TrainConfig
from tests.train.trainings import Small, train

SIZE, SLOTS = 64, 3
VERSION = "f00d"
SMALL = {
    "network": {
        "shrink": 2,
        "compact": {"fold": 2, "widths": (8, 16), "bottom_blocks": 1, "pretrained": False},
    },
    "data": {"studies": 4},
    "optim": {"learning_rate": 2e-3},
    "schedule": {"steps": 8},
    "compute": {"precision": "float32"},
    "loop": {"log_every": 2, "validate_every": 4, "checkpoint_every": 2, "pictures": 2},
}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Keep to one thread: the order of sums, and with it the last bit, depends on the number."""
    torch.set_num_threads(1)


def draw_sample(study: int, variant: int) -> NDArray[np.uint8]:
    """Return two dark ovals on a gradient, a bright disc in one of them: (7, SIZE, SIZE) uint8."""
    rng = np.random.default_rng((study, 7))
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    lungs = sum(
        k * (((columns - x) / 0.15) ** 2 + ((rows - 0.5) / 0.32) ** 2 < 1) for k, x in ((1, 0.3), (2, 0.7))
    )
    image = 120 + 60 * rows - 70 * (lungs > 0) + rng.normal(0, 4, (SIZE, SIZE))
    rng = np.random.default_rng((study, variant))
    x, y = rng.choice((0.3, 0.7)), rng.uniform(0.35, 0.65)
    mask = ((columns - x) ** 2 + (rows - y) ** 2 < rng.uniform(0.08, 0.14) ** 2) & (lungs > 0)
    altered = image + 60 * mask
    channels = (image, altered, 255 * mask, mask, mask, lungs, np.zeros_like(lungs))
    return np.stack([np.clip(c, 0, 255).astype(np.uint8) for c in channels])


def write_store(
    folder: Path,
    *,
    studies: int = 12,
    kind: str = "synthetic",
    status: str = "ok",
    splits: tuple[str, ...] = ("val",),
    first: int = 0,
    truth: bool = True,
    version: str = VERSION,
) -> str:
    """Write a store whose first studies are split as `splits` says (the rest train) and return its path.

    Chests are drawn from number `first` on. Of kind evaluation, images show the opacities; without `truth`, all
    but the images is left out.
    """
    draft = Draft(FolderBlobs(str(folder)), version, lay_out(studies, slots=SLOTS, size=SIZE))
    for shard in range(draft.shape.shards):
        rows, samples = [], {}
        for study in draft.shape.studies_of(shard):
            for variant in range(SLOTS):
                there = variant < 1 + study % SLOTS and status == "ok"
                split = splits[study] if study < len(splits) else "train"
                rows.append(
                    Row(
                        image_id=f"chest-{first + study}.png",
                        study=study,
                        variant=variant,
                        split=split,
                        status="ok" if there else "absent",
                        pixels_sha256=f"{first + study:064x}",
                        perceptual_hash=f"{first + study:016x}",
                        has_mask=truth,
                    )
                )
                if there:
                    place = study * SLOTS + variant - shard * draft.shape.rows_per_shard
                    sample = draw_sample(first + study, variant)
                    if kind == "evaluation":
                        sample[0] = sample[1]
                    samples[place] = sample if truth else np.where(np.arange(7)[:, None, None] < 2, sample, 0)
        draft.write_shard(shard, encode_shard(samples, draft.shape), rows)
    draft.commit({"kind": kind})
    return str(folder)


@pytest.fixture(scope="session")
def toy_store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of a store of 12 drawn studies, 2 of them held out."""
    return write_store(tmp_path_factory.mktemp("toy") / "store", splits=("val", "val"))


@pytest.fixture(scope="session")
def new_store() -> Callable[..., str]:
    """Return the function that writes a store of drawn studies."""
    return write_store


@pytest.fixture(scope="session")
def small() -> Callable[..., TrainConfig]:
    """Return a function that makes a config that trains in a second; keyword arguments replace tables' values."""

    def make(**tables: object) -> TrainConfig:
        values = {name: dict(table) for name, table in SMALL.items()}
        for name, table in tables.items():
            values[name] = {**values.get(name, {}), **table} if isinstance(table, dict) else table  # type: ignore[assignment]
        return config_from_dict(TrainConfig, values)

    return make


@pytest.fixture(scope="session")
def finished(toy_store: str, small: Small, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of eight steps; a test that changes it takes a copy."""
    torch.set_num_threads(1)
    return train(small(), toy_store, tmp_path_factory.mktemp("runs") / "run")
