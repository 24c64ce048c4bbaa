"""Feed batches to the training loop, read ahead by worker processes where asked."""

import time
from collections.abc import Iterator
from typing import Generic, TypeVar

import torch
from torch.utils.data import DataLoader, Dataset

from artasyn.data_manifests.errors import ArtasynError, WorkerError
from artasyn.data_manifests.workers import available_cores, follow_parent, leave_out_main

__all__ = ["BatchFeed", "SpokenErrors", "loader_workers"]

AHEAD = 4
"""Batches each worker reads ahead."""

MOST = 8
"""Workers of one process, unless more are asked for."""

T = TypeVar("T")

ENDED = "DataLoader worker (pid"
"""In what torch says where a worker process is gone; what a worker raises it passes on in other words."""
SHARED = "shared memory(shm)"
"""In what torch says where there is no room for a batch that is handed over."""


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
        self._loader: DataLoader[T | ArtasynError] = DataLoader(
            SpokenErrors(batches) if workers else batches,
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
        # A program of the user's own that calls `fit` would begin anew in every worker.
        with leave_out_main():
            iterator = iter(self._loader)
        while True:
            began = time.perf_counter()
            try:
                batch = next(iterator)
            except StopIteration:
                return
            except RuntimeError as error:
                if ENDED not in str(error):
                    raise
                reason = "a worker process ended before its work was done: it was killed, or memory ran out"
                raise WorkerError("loader", reason, "`fit --resume`, perhaps with fewer --workers") from error
            finally:
                self.waited += time.perf_counter() - began
            if isinstance(batch, ArtasynError):
                raise batch
            yield batch


class SpokenErrors(Dataset[T | ArtasynError]):
    """The items of a data set; what is raised on purpose is an item too, as torch would lose its words on the way."""

    def __init__(self, batches: Dataset[T]) -> None:
        self.batches = batches

    def __getitem__(self, index: int) -> T | ArtasynError:
        try:
            return self.batches[index]
        except ArtasynError as error:
            return error
        except RuntimeError as error:
            if SHARED not in str(error):
                raise
            remedy = "enlarge it (`docker run --shm-size 8g`), or take fewer --workers; 0 need none"
            return WorkerError("loader", "the system's shared memory is full", remedy)


def _begin(worker: int) -> None:
    """Leave the processor to the network, and end with the process that trains."""
    del worker
    follow_parent()
    torch.set_num_threads(1)
