"""Laws of order and batches: every study once an epoch, the same for any worker, part and process."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from artasyn.data_manifests.errors import ConfigError, StoreError
from artasyn.data_manifests.store.version import open_version
from artasyn.train.data.dataset import Batch, DataConfig, StepBatches
from artasyn.train.data.loader import BatchFeed
from artasyn.train.data.sampler import StudyOrder
from artasyn.train.data.stores import check_squaring, open_training_stores
from artasyn.train.scoring.held_out import held_out_samples

PAPER_LIKE = DataConfig(studies=4, variants=3, normal_share=1.0, keep_together=True)


def order(*sizes: int, weights: tuple[float, ...] = (), window: int = 0, seed: int = 1) -> StudyOrder:
    shards = [np.arange(size) // 3 for size in sizes]
    return StudyOrder(shards, weights=weights or sizes, window=window, seed=seed)


def batches(store: str, config: DataConfig, *, rank: int = 0, world: int = 1, parts: int = 1) -> StepBatches:
    return StepBatches(
        open_training_stores([store]), config, seed=5, rank=rank, world=world, parts=parts
    )  # fmt: skip


def same(a: Batch, b: Batch) -> bool:
    return a.items == b.items and torch.equal(a.pixels, b.pixels) and torch.equal(a.normal_of, b.normal_of)


@pytest.mark.parametrize("window", [0, 1, 2])
def test_every_study_is_visited_once_an_epoch(window: int) -> None:
    places = order(10, window=window).places(0, 30)[:, 1].reshape(3, 10)
    assert all(sorted(epoch) == list(range(10)) for epoch in places.tolist())
    assert len({tuple(epoch) for epoch in places.tolist()}) == 3


def test_places_do_not_depend_on_how_they_are_asked_for() -> None:
    whole = order(7, 5).places(0, 60)
    pieces = np.concatenate([order(7, 5).places(start, 4) for start in range(0, 60, 4)])
    np.testing.assert_array_equal(whole, pieces)


def test_a_window_keeps_neighbours_to_few_shards() -> None:
    places = order(30, window=1).places(0, 30)[:, 1]
    assert [len({study // 3 for study in part}) for part in places.reshape(10, 3).tolist()] == [1] * 10


def test_stores_are_mixed_by_weight_and_each_still_visits_all() -> None:
    places = order(20, 20, weights=(3, 1)).places(0, 400)
    assert (places[:, 0] == 0).sum() == 300
    counts = np.bincount(places[places[:, 0] == 1, 1], minlength=20)
    assert counts.min() == counts.max() == 5


@pytest.mark.filterwarnings("ignore:This DataLoader will create")  # of a machine with one core
def test_workers_do_not_change_the_batches(toy_store: str) -> None:
    def read(workers: int) -> list[Batch]:
        feed = BatchFeed(
            batches(toy_store, DataConfig(studies=4)), start=3, stop=9, workers=workers, pin=False
        )
        return list(feed)

    alone = read(0)
    assert len(alone) == 6
    for workers in (1, 2):
        assert all(same(a, b) for a, b in zip(alone, read(workers), strict=True))


@pytest.mark.parametrize(("world", "parts"), [(2, 1), (1, 2), (2, 2)])
def test_processes_and_parts_share_out_a_step(toy_store: str, world: int, parts: int) -> None:
    whole = batches(toy_store, PAPER_LIKE)[7]
    shares = [
        batches(toy_store, PAPER_LIKE, rank=rank, world=world, parts=parts)[7 * parts + part]
        for rank, part in itertools.product(range(world), range(parts))
    ]
    assert all(share.total == whole.total == len(whole.items) for share in shares)
    assert sum((share.items for share in shares), ()) == whole.items
    assert torch.equal(torch.cat([share.pixels for share in shares]), whole.pixels)


def test_a_normal_image_has_no_mask_and_is_its_own_target(toy_store: str) -> None:
    batch = batches(toy_store, DataConfig(studies=8, normal_share=0.5))[0]
    altered = torch.tensor([item.altered for item in batch.items])
    assert altered.any()
    assert not altered.all()
    assert batch.pixels[~altered, 2].max() == 0
    assert torch.equal(batch.pixels[~altered, 0], batch.pixels[~altered, 1])
    assert batch.pixels[altered, 2].amax(dim=(1, 2)).min() == 1
    assert batch.pixels[:, 3].amax(dim=(1, 2)).min() == batch.pixels[:, 3].max() == 1
    assert torch.equal(batch.pixels[:, 2] * batch.pixels[:, 3], batch.pixels[:, 2])


def test_studies_stay_together_where_asked(toy_store: str) -> None:
    batch = batches(toy_store, PAPER_LIKE)[2]
    for place, item in enumerate(batch.items):
        normal = batch.items[int(batch.normal_of[place])]
        assert not normal.altered
        assert normal.study == item.study
    assert sum(not item.altered for item in batch.items) == 4


def test_a_look_takes_the_first_variants_of_every_study(
    new_store: Callable[..., str], tmp_path: Path
) -> None:
    stores = open_training_stores([new_store(tmp_path / "store", splits=("val",) * 5)])
    counts = {}
    for variants in (None, 3, 2, 1):
        samples = list(held_out_samples(stores, studies=5, target="mask", variants=variants))
        starts = [k for k, sample in enumerate(samples) if sample.first]
        counts[variants] = np.diff([*starts, len(samples)]).tolist()
    assert counts == {None: [1, 2, 3, 1, 2], 3: [1, 2, 3, 1, 2], 2: [1, 2, 2, 1, 2], 1: [1] * 5}


def test_held_out_studies_are_never_trained_on(toy_store: str) -> None:
    [store] = open_training_stores([toy_store])
    held_out = set(np.concatenate(store.held_out.rows).tolist())
    source = batches(toy_store, DataConfig(studies=4))
    assert held_out
    assert not held_out & {item.row for step in range(30) for item in source.plan(step)}


def test_studies_must_divide_among_processes(toy_store: str) -> None:
    with pytest.raises(ConfigError, match="multiple of processes x accumulated parts = 3 x 1, got 4"):
        batches(toy_store, DataConfig(studies=4), world=3)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"kind": "evaluation"}, "is of kind `evaluation`: real images to score on"),
        ({"status": "absent", "splits": ("val",)}, "holds no synthetic variant in split train"),
        ({"splits": ()}, r"holds no synthetic variant in split val \(held-out\)"),
    ],
)
def test_unfit_stores_are_refused(
    tmp_path: Path, new_store: Callable[..., str], how: dict[str, object], reason: str
) -> None:
    store = new_store(tmp_path / "store", **how)
    with pytest.raises(StoreError, match=reason):
        open_training_stores([store])


def test_what_another_store_trains_on_is_not_held_out(
    toy_store: str, tmp_path: Path, new_store: Callable[..., str]
) -> None:
    other = new_store(tmp_path / "store", splits=("train", "val", "val"), version="beef")
    first, second = open_training_stores([toy_store, other])
    assert (len(first.held_out), first.duplicates) == (
        1,
        1,
    )  # of its held-out studies 0 and 1 the other trains on 0
    assert (len(second.held_out), second.duplicates) == (1, 1)  # and of the other's 1 and 2 this one on 2
    assert [int(rows[0]) for rows in first.held_out.rows] == [open_version(toy_store).rows(study=1)[0]]
    assert len(first.train) == 10
    swapped = new_store(tmp_path / "swapped", splits=("train", "train", *["val"] * 10), version="feed")
    with pytest.raises(StoreError, match="hold out no image that another of them does not train on"):
        open_training_stores([toy_store, swapped])
    with pytest.raises(StoreError, match=r"by `squeeze`, those of the training by `pad`.*--squaring pad"):
        check_squaring("chest", open_version(toy_store), "pad")


def test_stores_of_different_sizes_are_refused(
    tmp_path: Path, toy_store: str, new_store: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(new_store.__globals__, "SIZE", 32)
    other = new_store(tmp_path / "store")
    with pytest.raises(StoreError, match=r"different sizes: \[32, 64\] px"):
        open_training_stores([toy_store, other])
