"""Laws of the processes that read ahead: what goes wrong in one is told as if it had gone wrong here."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch.utils.data import Dataset

from artasyn.data_manifests.errors import ArtasynError, WorkerError
from artasyn.train.data import packed
from artasyn.train.data.dataset import DataConfig, StepBatches
from artasyn.train.data.loader import BatchFeed, SpokenErrors
from artasyn.train.data.stores import open_training_stores


class Failing(Dataset[int]):
    """Items that raise."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __getitem__(self, index: int) -> int:
        raise RuntimeError(self.reason)


def test_a_store_that_is_gone_is_told_in_the_same_words_by_any_number_of_workers(
    new_store: Callable[..., str], tmp_path: Path
) -> None:
    store = new_store(tmp_path / "store")
    batches = StepBatches(
        open_training_stores([store]), DataConfig(studies=4), seed=0, rank=0, world=1, parts=1
    )
    shutil.rmtree(store)
    said = []
    for workers in (0, 1):
        with pytest.raises(ArtasynError) as caught:
            list(BatchFeed(batches, start=0, stop=2, workers=workers, pin=False))
        said.append((type(caught.value), str(caught.value)))
    assert said[0] == said[1]


def test_full_shared_memory_is_told_with_a_remedy() -> None:
    full = "unable to allocate shared memory(shm) for file </torch_1>: No space left on device (28)"
    error = SpokenErrors(Failing(full))[0]
    assert isinstance(error, WorkerError)
    assert "shared memory is full (enlarge it (`docker run --shm-size 8g`)" in str(error)
    with pytest.raises(RuntimeError, match="anything else"):
        SpokenErrors(Failing("anything else"))[0]


def test_workers_take_shared_memory_while_they_can_still_say_that_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch = (torch.ones(3),)
    assert not packed.pack(batch).memory.is_shared()
    monkeypatch.setattr(packed, "get_worker_info", lambda: object())
    assert packed.pack(batch).memory.is_shared()
