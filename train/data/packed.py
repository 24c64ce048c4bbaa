"""The tensors of a batch in one piece of memory: one message between processes, one copy to a device."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import torch
from torch import Tensor
from torch.utils.data import get_worker_info

__all__ = ["Packed", "pack"]

ALIGNMENT = 64
"""Bytes at whose multiples tensors begin."""

T = TypeVar("T")


class _Slot(NamedTuple):
    """Where a tensor lies."""

    start: int
    shape: tuple[int, ...]
    dtype: torch.dtype

    @property
    def stop(self) -> int:
        return self.start + math.prod(self.shape) * self.dtype.itemsize

    def view(self, memory: Tensor) -> Tensor:
        return memory[self.start : self.stop].view(self.dtype).view(self.shape)


@dataclass(frozen=True, slots=True)
class Packed(Generic[T]):
    """A tuple, perhaps of tuples, whose tensors lie in one piece of memory."""

    memory: Tensor
    """`(bytes,)` uint8."""
    form: Any
    """The tuple, with the place of each tensor instead of it."""

    def pin_memory(self) -> "Packed[T]":
        """Return a copy in memory that a GPU can read by itself."""
        return Packed(self.memory.pin_memory(), self.form)

    def on(self, device: torch.device) -> T:
        """Return the tuple with its tensors on `device`, without waiting for the copy."""
        memory = self.memory.to(device, non_blocking=True)
        unpacked: T = _replace(self.form, _Slot, lambda slot: slot.view(memory))
        return unpacked


def pack(tree: T) -> Packed[T]:
    """Pack a tuple that holds CPU tensors, tuples that do so too, and other values.

    Raises RuntimeError in a worker of a loader where shared memory is full.
    """
    placed: list[tuple[_Slot, Tensor]] = []

    def place(tensor: Tensor) -> _Slot:
        end = placed[-1][0].stop if placed else 0
        slot = _Slot(-(-end // ALIGNMENT) * ALIGNMENT, tuple(tensor.shape), tensor.dtype)
        placed.append((slot, tensor))
        return slot

    form = _replace(tree, Tensor, place)
    memory = torch.empty(placed[-1][0].stop if placed else 0, dtype=torch.uint8)
    if get_worker_info() is not None:
        # Later a thread of torch's would, and where that fails nobody is told.
        memory.share_memory_()  # type: ignore[no-untyped-call]
    for slot, tensor in placed:
        slot.view(memory).copy_(tensor)
    return Packed(memory, form)


def _replace(tree: Any, kind: type[Any], change: Callable[[Any], Any]) -> Any:
    """Return the tree with every value of `kind` changed."""
    if isinstance(tree, kind):
        return change(tree)
    if not isinstance(tree, tuple) or isinstance(tree, _Slot):
        return tree
    values = [_replace(value, kind, change) for value in tree]
    return type(tree)(*values) if hasattr(tree, "_fields") else tuple(values)
