"""The one place where the trainer's generators of random numbers are made."""

import hashlib

import numpy as np
import torch

__all__ = ["number_generator", "tensor_generator"]


def number_generator(seed: int, position: int, *, stage: str) -> np.random.Generator:
    """Return the generator of `stage` at `position` (a step, an epoch), whatever was drawn before."""
    return np.random.default_rng(np.random.SeedSequence([seed, position, _word(stage)]))


def tensor_generator(seed: int, position: int, *, stage: str) -> torch.Generator:
    """Return the CPU generator of `stage` at `position`; resuming therefore needs no generator state."""
    state = np.random.SeedSequence([seed, position, _word(stage)]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state[0] >> np.uint64(1)))


def _word(stage: str) -> int:
    return int.from_bytes(hashlib.sha256(stage.encode()).digest()[:8], "little")
