"""One digest over weights: it tells one set of them from another."""

import hashlib
from collections.abc import Mapping

import torch
from torch import Tensor

__all__ = ["weights_digest"]


def weights_digest(tensors: Mapping[str, Tensor], *, beside: str = "") -> str:
    """Return the SHA-256 over a text that belongs to the weights, and their names, types, shapes and values."""
    total = hashlib.sha256(beside.encode())
    for name, tensor in sorted(tensors.items()):
        total.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        total.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return total.hexdigest()
