"""Put images through a run's network.

On a processor on one thread, and each image as if it were alone: sums in a batch of another size, or cut among another
number of threads, may differ in their last bits, and then so would scores. Speed comes from processes, and from batches
where a trial shows that they change no bit.
"""

import itertools
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from artasyn.data_manifests.config import config_to_dict
from artasyn.data_manifests.errors import ConfigError
from artasyn.train.models.weights_digest import weights_digest
from artasyn.train.runs.run import Run
from artasyn.train.runtime.precision import exact_arithmetic
from artasyn.train.runtime.threads import one_thread
from artasyn.train.scoring.anomaly_map import Prediction, as_input, predict
from artasyn.train.scoring.image_score import ScoredBatch, score_predicted

__all__ = [
    "Inferred",
    "bits_alike",
    "infer",
    "infer_in_full",
    "infer_levels",
    "move_run",
    "run_digest",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inferred:
    """What a run says of one image of its size."""

    anomaly: NDArray[np.float32]
    """`(H, W)` in [0, 1]."""
    score: float
    lungs: NDArray[np.float32] | None
    """Probability of lung, `(h, w)` at the network's own size; None where it has no such head."""
    excess_distance: float | None
    """How much further than held-out normal images it lies, see `ScoredBatch`; None where nothing tells."""


def infer(run: Run, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], float]:
    """Return the anomaly map, `(H, W)` in [0, 1], and the score of one image of the run's size."""
    maps, scores, _ = infer_levels(run, image[None])
    return maps[0], float(scores[0])


def infer_in_full(run: Run, image: NDArray[np.uint8]) -> Inferred:
    """Return all that one pass over an image `(H, W)` tells; map and score are those of `infer`."""
    predicted, scored = _passed(run, image[None])
    excess = scored.excess_distance
    return Inferred(
        anomaly=scored.maps[0].float().cpu().numpy(),
        score=float(scored.scores.double()[0]),
        lungs=None if predicted.lungs is None else predicted.lungs[0].cpu().numpy(),
        excess_distance=None if excess is None else float(excess),
    )


def infer_levels(
    run: Run, images: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Return maps `(B, H, W)` and scores `(B,)` of images `(B, H, W)`, computed where the run's network lies.

    Beside them the level `(B,)` of each map before pretrained features move it.
    """
    _, scored = _passed(run, images)
    maps = scored.maps.float().cpu().numpy()
    return maps, scored.scores.double().cpu().numpy(), scored.levels.double().cpu().numpy()


def bits_alike(run: Run, images: NDArray[np.uint8], *, sizes: Collection[int]) -> bool:
    """Tell whether the first of some images `(B, H, W)`, in batches of `sizes`, come out bit for bit as each alone.

    The order of a sum depends on the library, the processor and the shapes, not on the values: what holds for some
    images holds for all batches of these sizes in this process.
    """
    alone = [infer_levels(run, image[None]) for image in images[: max(sizes)]]
    return all(
        np.array_equal(together[part][i], alone[i][part][0])
        for size in sizes
        for together in [infer_levels(run, images[:size])]
        for i in range(size)
        for part in range(len(together))
    )


def _passed(run: Run, images: NDArray[np.uint8]) -> tuple[Prediction, ScoredBatch]:
    """Return what the network and the scorer say of images `(B, H, W)` in one pass."""
    with _exactly():
        grey = as_input(images, _device(run))
        predicted = predict(run.network, grey, run.config.score)
        return predicted, score_predicted(run.scorer, grey, predicted, run.config.score)


def move_run(run: Run, device: str) -> Run:
    """Return the run with its network on `device`, `cpu`, `cuda`, `cuda:1`. Raises ConfigError where there is none."""
    try:
        place = torch.device(device)
        torch.zeros(1, device=place)
    except (RuntimeError, AssertionError) as error:  # AssertionError: torch without CUDA
        reason = f"torch finds no {device!r} here"
        raise ConfigError("device", reason, "use cpu, or a device that torch has") from error
    scorer = None if run.scorer is None else run.scorer.to(place)
    return replace(run, network=run.network.to(place), scorer=scorer)


def run_digest(run: Run) -> str:
    """Return the SHA-256 over the weights and how they become scores."""
    scorer = {} if run.scorer is None else run.scorer.state_dict(prefix="scorer.")
    how = json.dumps(config_to_dict(run.config.score), sort_keys=True)
    return weights_digest(run.network.state_dict() | scorer, beside=how)


def _device(run: Run) -> torch.device:
    first = next(itertools.chain(run.network.parameters(), run.network.buffers()), None)
    return torch.device("cpu") if first is None else first.device


@contextmanager
def _exactly() -> Iterator[None]:
    """Compute in float32 without gradients, on one thread."""
    with one_thread(), exact_arithmetic(), torch.inference_mode():
        yield
