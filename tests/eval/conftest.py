"""A trained toy run and toy stores of chests, real enough to be scored in seconds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from artasyn.data_manifests.config import config_from_dict
from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.data_manifests.store.contract import Row, Shape
from artasyn.data_manifests.store.draft import Draft
from artasyn.data_manifests.store.encoding import encode_shard
from artasyn.train.config import TrainConfig
from artasyn.train.fitting.fit import plan_fit, run_fit
from artasyn.train.runtime.distributed import join_processes

SIZE = 32
SLOTS = 2


def draw_chest(seed: int, *, ill: bool) -> dict[str, NDArray[np.uint8]]:
    """Return image, mask and lungs, (SIZE, SIZE) uint8: two dark ovals, a bright disc in one of them if ill."""
    rng = np.random.default_rng((seed, 11))
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    lungs = sum(
        k * (((columns - x) / 0.16) ** 2 + ((rows - 0.5) / 0.34) ** 2 < 1) for k, x in ((1, 0.3), (2, 0.7))
    )
    image = 120 + rng.normal(0, 8) + 60 * rows - 70 * (lungs > 0) + rng.normal(0, 5, (SIZE, SIZE))
    x, y, radius = rng.choice((0.3, 0.7)), rng.uniform(0.35, 0.65), rng.uniform(0.06, 0.3)
    mask = ((columns - x) ** 2 + (rows - y) ** 2 < radius**2) & (lungs > 0) & ill
    bright = np.clip(image + 50 * mask, 0, 255).astype(np.uint8)
    plain = np.clip(image, 0, 255).astype(np.uint8)
    return {"plain": plain, "bright": bright, "mask": mask.astype(np.uint8), "lungs": lungs.astype(np.uint8)}


def write_version(
    folder: Path, rows: list[Row], samples: list[NDArray[np.uint8]], *, slots: int, kind: str
) -> str:
    """Commit a version with these rows and return its reference."""
    shape = Shape(studies=len(rows) // slots, slots=slots, size=SIZE, studies_per_shard=16)
    draft = Draft(
        FolderBlobs(str(folder)), f"c0ffee{len(kind):02x}", shape
    )  # of hexadecimal digits, as ids are
    for shard in range(draft.shape.shards):
        studies = draft.shape.studies_of(shard)
        first, last = studies.start * slots, studies.stop * slots
        block = {k - first: samples[k] for k in range(first, last)}
        draft.write_shard(shard, encode_shard(block, draft.shape), rows[first:last])
    draft.commit({"kind": kind})
    return str(folder)


def write_evaluation(
    folder: Path,
    *,
    first: int = 1000,
    normal: int = 20,
    ill: int = 30,
    masks: int = 24,
    empty: bool = False,
    patients: str = "p",
    label: str = "normal",
) -> str:
    """Write `normal` normal and `ill` abnormal chests, `masks` of them annotated; two images a patient.

    With `empty`, nobody found anything to mark; `patients` begins their names; `label` is that of the normal ones.
    """
    rows, samples = [], []
    for k in range(normal + ill):
        is_ill = k >= normal
        drawn = draw_chest(first + k, ill=is_ill)
        image, mask = drawn["bright"], drawn["mask"] * (k < normal + masks and not empty)
        human = drawn["lungs"] * (k % 5 > 0)
        samples.append(np.stack([image, image, 0 * image, mask, mask, drawn["lungs"], human]))
        rows.append(
            Row(
                image_id=f"{'ill' if is_ill else 'normal'}/<{k}>.png",
                study=k,
                variant=0,
                label="abnormal" if is_ill else label,
                split="test" if k % 2 else "val",
                status="ok",
                patient=f"{patients}{k // 2}",
                pixels_sha256=f"{first + k:064x}",
                perceptual_hash=f"{(first + k) * 0x9E3779B97F4A7C15 % 2**64:016x}",
                has_mask=is_ill and k < normal + masks,
                has_lungs=k % 5 > 0,
                attributes=f'{{"view": "{"PA" if k % 3 else "AP"}"}}',
            )
        )
    return write_version(folder, rows, samples, slots=1, kind="evaluation")


def write_training(folder: Path, *, studies: int = 16) -> str:
    """Write synthetic studies of two variants; the first three are held out."""
    rows, samples = [], []
    for study in range(studies):
        for variant in range(SLOTS):
            drawn = draw_chest(SLOTS * study + variant, ill=True)
            empty = np.zeros_like(drawn["plain"])
            channels = (
                drawn["plain"],
                drawn["bright"],
                255 * drawn["mask"],
                drawn["mask"],
                drawn["mask"],
                drawn["lungs"],
                empty,
            )
            samples.append(np.stack(channels))
            rows.append(
                Row(
                    image_id=f"chest-{study}.png",
                    study=study,
                    variant=variant,
                    split="val" if study < 3 else "train",
                    status="ok",
                    pixels_sha256=f"{study:064x}",
                    perceptual_hash=f"{study * 0x9E3779B97F4A7C15 % 2**64:016x}",
                    has_mask=True,
                )
            )
    return write_version(folder, rows, samples, slots=SLOTS, kind="synthetic")


@pytest.fixture(scope="session")
def training_store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a synthetic store of 16 studies, 3 of them held out."""
    return write_training(tmp_path_factory.mktemp("training") / "store")


@pytest.fixture(scope="session")
def evaluation_store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a store of 20 normal and 30 abnormal chests, 24 of these annotated."""
    return write_evaluation(tmp_path_factory.mktemp("evaluation") / "store")


@pytest.fixture(scope="session")
def new_evaluation_store() -> Callable[..., str]:
    """Return the function that writes an evaluation store."""
    return write_evaluation


def train_run(store: str, folder: Path, *, seed: int, steps: int = 40) -> Path:
    """Train a tiny network for a second and return its run folder."""

    values = {
        "seed": seed,
        "network": {"shrink": 1, "compact": {"widths": (8, 16), "bottom_blocks": 1, "pretrained": False}},
        "data": {"studies": 4},
        "schedule": {"steps": steps},
        "compute": {"precision": "float32"},
        "loop": {"log_every": 10, "validate_every": 20, "checkpoint_every": 20, "pictures": 1},
    }
    torch.set_num_threads(1)
    config = config_from_dict(TrainConfig, values)
    plan = plan_fit(config, (store,), folder, processes=join_processes("cpu"), workers=0, resume=False)
    run_fit(plan, watch=lambda _: None)
    return folder


@pytest.fixture(scope="session")
def toy_run(training_store: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run trained for a second on `training_store`."""
    return train_run(training_store, tmp_path_factory.mktemp("runs") / "first", seed=0)


@pytest.fixture(scope="session")
def other_run(training_store: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run trained for half as long from another seed."""
    return train_run(training_store, tmp_path_factory.mktemp("runs") / "second", seed=1, steps=20)
