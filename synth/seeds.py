"""The one place where generators of random numbers are made."""

import hashlib

import numpy as np

__all__ = ["generator"]


def generator(seed: int, image_id: str, variant: int, *, stage: str = "") -> np.random.Generator:
    """Return the generator that belongs to (seed, image, variant), whatever the worker, chunk or order.

    `stage` separates independent uses of the same triple.
    """
    name = hashlib.sha256(f"{stage}\0{image_id}".encode()).digest()
    words = [int.from_bytes(name[i : i + 4], "little") for i in range(0, 32, 4)]
    return np.random.default_rng(np.random.SeedSequence([seed, variant, *words]))
