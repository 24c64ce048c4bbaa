"""Feed batches to the training loop, read ahead by worker processes where asked."""

import time
from collections.abc import Iterator
from typing import Generic, TypeVar

import torch
from torch.utils.data import DataLoader, Dataset

from artasyn.data_manifests.errors import WorkerError
from artasyn.data_manifests.workers import available_cores, follow_parent

__all__ = ["BatchFeed", "loader_workers"]

AHEAD = 4
"""Batches each worker reads ahead."""

MOST = 8
"""Workers of one process, unless more are asked for."""

T = TypeVar("T")


def loader_workers(device: torch.device, *, processes: int) -> int:
    """Return how many workers read ahead unless a number is asked for: none on a processor, which trains itself.

    Beside a GPU one processor core is left to each of the `processes` that share the machine.
    """
    if device.type == "cpu":
        return 0
    return max(1, min(MOST, available_cores() // processes - 1))


class BatchFeed(Generic[T]):
    """Iterate over items `start ... stop - 1` of `batches`, in order, the same for any number of workers."""

    def __init__(self, batches: Dataset[T], *, start: int, stop: int, workers: int, pin: bool) -> None:
        """Use forked-from-server workers: plain forks inherit threads in unknown states."""
        self.waited = 0.0
        self._loader: DataLoader[T] = DataLoader(
            batches,
            batch_size=None,
            sampler=range(start, stop),
            num_workers=workers,
            multiprocessing_context="forkserver" if workers else None,
            prefetch_factor=AHEAD if workers else None,
            worker_init_fn=_begin if workers else None,
            pin_memory=pin,
        )

    def __iter__(self) -> Iterator[T]:
        """Yield the batches; `waited` adds up the seconds spent waiting for them."""
        iterator = iter(self._loader)
        while True:
            began = time.perf_counter()
            try:
                batch = next(iterator)
            except StopIteration:
                return
            except RuntimeError as error:
                if "DataLoader worker" not in str(error):
                    raise
                reason = "a worker process ended before its work was done: it was killed, or memory ran out"
                raise WorkerError("loader", reason, "`fit --resume`, perhaps with fewer --workers") from error
            finally:
                self.waited += time.perf_counter() - began
            yield batch


def _begin(worker: int) -> None:
    """Leave the processor to the network, and end with the process that trains."""
    del worker
    follow_parent()
    torch.set_num_threads(1)
