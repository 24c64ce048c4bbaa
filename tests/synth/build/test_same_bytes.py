"""Laws of repetition: the same bytes whatever the order, the interruptions and the seed's neighbours."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.synth.build.dask_executor import connect, on_cluster
from artasyn.synth.build.shards import ShardTask, build_shards, run_here
from artasyn.synth.config import load_config
from tests.synth.build.builds import built, plan_of


def backwards(tasks: Iterable[ShardTask]) -> Iterator[Counter[str]]:
    yield from run_here(reversed(list(tasks)))


def test_one_digest_whatever_the_order_workers_and_interruptions(tmp_path: Path) -> None:
    plan = plan_of()
    digests = {built(plan, tmp_path / "here").attributes["digest"]}
    digests.add(built(plan, tmp_path / "backwards", executor=backwards).attributes["digest"])
    for _ in build_shards(plan, plan.draft(FolderBlobs(str(tmp_path / "stopped")))):
        break  # stopped after the first shard
    digests.add(built(plan, tmp_path / "stopped").attributes["digest"])
    with connect(workers=2) as client:
        digests.add(built(plan, tmp_path / "dask", executor=on_cluster(client)).attributes["digest"])
    assert len(digests) == 1


def test_another_seed_or_config_is_another_version() -> None:
    other = replace(load_config("default"), holdout=0.5)
    ids = {plan_of().version_id, plan_of(seed=1).version_id, plan_of(config=other).version_id}
    assert len(ids) == 3
    assert plan_of().version_id in ids
