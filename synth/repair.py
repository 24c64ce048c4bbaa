"""Make again exactly what is damaged in a version."""

import hashlib
from collections.abc import Sequence

from data_manifests.contract import shard_key
from data_manifests.draft import Draft
from data_manifests.errors import StoreError
from data_manifests.store import Version
from data_manifests.verify import damaged_files
from synth.build import ShardTask, shard_tasks
from synth.plan import Plan

__all__ = ["repair"]


def repair(version: Version, plan: Plan) -> list[str]:
    """Rebuild the damaged shards from the plan that made the version; return their keys.

    Nothing is replaced by bytes other than those that were committed. Raises StoreError when the corpus, the
    configuration or the program are no longer the same, and for damage outside the shards.
    """
    if plan.version_id != version.id:
        changed = [k for k, v in plan.ingredients.items() if v != version.attributes["ingredients"].get(k)]
        remedy = "bring them back as they were, or build a new version"
        raise StoreError(version.id, f"cannot be rebuilt: {', '.join(changed)} changed since", remedy)
    keys = [key for key, _ in damaged_files(version)]
    shards = {shard_key(shard): shard for shard in range(version.shape.shards)}
    _refuse_tables(version, [key for key in keys if key not in shards])
    draft = plan.draft(version.blobs)
    for task in shard_tasks(plan, draft, [shards[key] for key in keys]):
        _rebuild(task, draft, version)
    return keys


def _refuse_tables(version: Version, keys: Sequence[str]) -> None:
    if keys:
        remedy = "remove the version with `artasyn-synth rm` and build it again: it will have the same id"
        raise StoreError(version.id, f"the damage is outside the shards, in {keys[0]}", remedy)


def _rebuild(task: ShardTask, draft: Draft, version: Version) -> None:
    key = shard_key(task.shard)
    data, _ = task.make()
    if hashlib.sha256(data).hexdigest() != version.digests[key]:
        remedy = "it was built on another platform: build the version again there"
        raise StoreError(f"{version.id}/{key}", "rebuilt bytes differ from those committed", remedy)
    draft.blobs.write(f"{draft.id}/{key}", data)
