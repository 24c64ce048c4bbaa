"""Put images through a run's network.

On a processor one image at a time and on one thread: sums in a batch of another size, or cut among another number of
threads, may differ in their last bits, and then so would scores. Speed comes from processes instead.
"""

import hashlib
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import avg_pool2d

from artasyn.data_manifests.config import config_to_dict
from artasyn.data_manifests.errors import ConfigError
from artasyn.train.runs.run import Run
from artasyn.train.runtime.precision import exact_arithmetic
from artasyn.train.scoring.anomaly_map import predict
from artasyn.train.scoring.image_score import score_images

__all__ = ["excess_distance", "find_lungs", "infer", "infer_batch", "move_run", "run_digest"]


def infer(run: Run, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], float]:
    """Return the anomaly map, `(H, W)` in [0, 1], and the score of one image of the run's size."""
    maps, scores = infer_batch(run, image[None])
    return maps[0], float(scores[0])


def infer_batch(run: Run, images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return the maps `(B, H, W)` and scores `(B,)` of images `(B, H, W)`, in float32 where the run's network lies."""
    with _one_thread(), exact_arithmetic(), torch.inference_mode():
        grey = np.ascontiguousarray(images[:, None], np.float32) / np.float32(255)
        maps, scores = score_images(
            run.network, run.scorer, torch.from_numpy(grey).to(_device(run)), run.config.score
        )
    return maps.float().cpu().numpy(), scores.double().cpu().numpy()


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


def find_lungs(run: Run, image: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """Return the probability of lung, `(h, w)` at the network's own size; None where it has no such head."""
    network = run.network
    with _one_thread(), exact_arithmetic(), torch.inference_mode():
        grey = torch.from_numpy(np.ascontiguousarray(image, np.float32) / np.float32(255))[None, None]
        output = network(avg_pool2d(grey, network.shrink) if network.shrink > 1 else grey)
    if output.lungs is None:
        return None
    lungs: NDArray[np.float32] = torch.sigmoid(output.lungs[0, 0]).float().numpy()
    return lungs


def excess_distance(run: Run, image: NDArray[np.uint8]) -> float | None:
    """Return how much further than normal images an image of the run's size lies; None where the run has no distance.

    In logarithms of the squared distance; see `ImageScorer.excess_distance`.
    """
    if run.scorer is None:
        return None
    with _one_thread(), exact_arithmetic(), torch.inference_mode():
        grey = torch.from_numpy(np.ascontiguousarray(image[None, None], np.float32) / np.float32(255))
        grey = grey.to(_device(run))
        excess = run.scorer.excess_distance(grey, predict(run.network, grey, run.config.score))
    return None if excess is None else float(excess)


def run_digest(run: Run) -> str:
    """Return the SHA-256 over the weights and how they become scores."""
    total = hashlib.sha256(json.dumps(config_to_dict(run.config.score), sort_keys=True).encode())
    scorer = {} if run.scorer is None else run.scorer.state_dict(prefix="scorer.")
    for name, tensor in sorted((run.network.state_dict() | scorer).items()):
        total.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        total.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return total.hexdigest()


def _device(run: Run) -> torch.device:
    first = next(itertools.chain(run.network.parameters(), run.network.buffers()), None)
    return torch.device("cpu") if first is None else first.device


@contextmanager
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
