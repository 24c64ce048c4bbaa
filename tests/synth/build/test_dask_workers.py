"""Laws of Dask's workers: the same bytes from elsewhere, a death or a strange release is told by name."""

import contextlib
import importlib
from dataclasses import replace
from pathlib import Path

import dask
import pytest
from distributed import KilledWorker

from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.synth.build.dask_executor import connect, on_cluster, program, run_alone, run_on_worker
from artasyn.synth.build.shards import build_shards, shard_tasks
from tests.synth.build.builds import built, plan_of

DEADLY = """
import os
from artasyn.synth.sources.source import PhantomSource

class Deadly(PhantomSource):
    def read_image(self, radiograph, **_):
        if radiograph.image_id.endswith("000003"):
            os._exit(1)
        return super().read_image(radiograph)
"""


@pytest.mark.slow
def test_an_image_that_kills_its_worker_is_left_out_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deadly_source.py").write_text(DEADLY)
    monkeypatch.syspath_prepend(tmp_path)  # workers inherit the path
    plan = plan_of()
    source = importlib.import_module("deadly_source").Deadly(5)
    once = dask.config.set({"distributed.scheduler.allowed-failures": 0})
    with once, connect(workers=2) as client:
        deadly = replace(plan, recipe=replace(plan.recipe, source=source))
        version = built(deadly, tmp_path / "store", executor=on_cluster(client))
    left_out = version.rows(status="rejected")
    assert set(version.table["study"][left_out].tolist()) == {3}
    assert str(version.table["reason"][left_out[0]]).startswith("killed_worker")


def test_a_worker_of_another_release_is_refused_even_if_it_joins_late(tmp_path: Path) -> None:
    plan = plan_of()
    task = next(shard_tasks(plan, plan.draft(FolderBlobs(str(tmp_path))), [0]))
    with pytest.raises(StoreError, match=r"another release of zarr .*same releases"):
        run_on_worker(task, program() | {"zarr": "1.0"})
    assert not list(tmp_path.iterdir())


def test_a_store_that_the_workers_do_not_share_is_named(tmp_path: Path) -> None:
    plan = plan_of()
    for _ in build_shards(plan, plan.draft(FolderBlobs(str(tmp_path / "elsewhere")))):
        pass
    with pytest.raises(StoreError, match=r"a shard is missing.*every worker must see the store"):
        plan.draft(FolderBlobs(str(tmp_path / "here"))).commit({"kind": plan.kind})


@pytest.mark.slow
def test_a_scheduler_elsewhere_gives_the_same_bytes(tmp_path: Path) -> None:
    plan = plan_of()
    expected = built(plan, tmp_path / "here").attributes["digest"]
    with connect(workers=2) as running, connect(workers=0, scheduler=running.scheduler.address) as client:
        version = built(plan, tmp_path / "there", executor=on_cluster(client))
    assert version.attributes["digest"] == expected


class Deathtrap:
    """A client whose workers die of every task."""

    def submit(self, *_: object, **__: object) -> "Deathtrap":
        return self

    def result(self) -> None:
        raise KilledWorker("shard", None, 1)  # type: ignore[arg-type]


def test_a_shard_that_kills_its_worker_even_alone_is_an_error(tmp_path: Path) -> None:
    plan = plan_of()
    task = next(shard_tasks(plan, plan.draft(FolderBlobs(str(tmp_path))), [0]))
    with pytest.raises(StoreError, match=r"shard 0: workers die on this shard.*more memory"):
        run_alone(Deathtrap(), task)  # type: ignore[arg-type]


def test_workers_that_die_as_they_start_are_started_again_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts: list[int] = []

    def dies_twice(**_: object) -> contextlib.nullcontext[str]:
        starts.append(1)
        if len(starts) < 3:
            raise RuntimeError("Nanny failed to start.")
        return contextlib.nullcontext("cluster")

    monkeypatch.setattr("artasyn.synth.build.dask_executor.LocalCluster", dies_twice)
    monkeypatch.setattr("artasyn.synth.build.dask_executor.Client", contextlib.nullcontext)
    with connect(workers=2) as client:
        assert client == "cluster"
    starts.clear()
    monkeypatch.setattr("artasyn.synth.build.dask_executor.STARTS", 2)
    with pytest.raises(StoreError, match="died 2 times as they started"), connect(workers=2):
        pass
