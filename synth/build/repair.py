"""Make again exactly what is damaged in a version."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from artasyn.data_manifests.corpora.radiograph import Radiograph, Skipped
from artasyn.data_manifests.errors import DamageError, StoreError
from artasyn.data_manifests.store.contract import Row, shard_key
from artasyn.data_manifests.store.encoding import encode_layout, encode_table
from artasyn.data_manifests.store.verify import damaged_files
from artasyn.data_manifests.store.version import Version
from artasyn.synth.build.plan import Plan
from artasyn.synth.build.shards import KILLED, ShardTask, shard_tasks

__all__ = ["repair"]


def repair(version: Version, plan: Plan) -> list[str]:
    """Rebuild the damaged files from the plan that made the version; return their keys.

    A damaged shard costs the making of that shard; a damaged table that of them all, for its rows. Nothing is replaced
    by bytes other than those that were committed. Raises StoreError when the corpus, the configuration or the program
    are no longer the same.
    """
    if plan.version_id != version.id:
        changed = [k for k, v in plan.ingredients.items() if v != version.attributes["ingredients"].get(k)]
        remedy = "bring them back as they were, or build a new version"
        raise StoreError(version.id, f"cannot be rebuilt: {', '.join(changed)} changed since", remedy)
    keys = [key for key, _ in damaged_files(version)]
    if any(key.startswith("table/") for key in keys):
        remade = _remake(version, plan, keys, range(version.shape.shards))
        _mend(version, keys, encode_table(remade, rows=version.shape.rows))
    else:
        damaged = [shard for shard in range(version.shape.shards) if shard_key(shard) in keys]
        deque(_remake(version, plan, keys, damaged), maxlen=0)
    _mend(version, keys, encode_layout(version.shape))
    return keys


def _remake(version: Version, plan: Plan, keys: Sequence[str], shards: Iterable[int]) -> Iterator[list[Row]]:
    """Make the shards again, replace the damaged ones, yield the rows of each."""
    for task in shard_tasks(plan, plan.draft(version.blobs), shards):
        data, rows = _as_committed(task, version).make()
        _mend(version, keys, {shard_key(task.shard): data})
        yield rows


def _as_committed(task: ShardTask, version: Version) -> ShardTask:
    """Leave out again the images that killed their worker, as far as the table can still be read."""
    try:
        reasons = version.table["reason"]
    except DamageError:
        return task
    studies = version.shape.studies_of(task.shard)
    rows = [reasons[study * version.shape.slots] for study in studies]
    entries = [_left_out(entry, str(reason)) for entry, reason in zip(task.entries, rows, strict=True)]
    return replace(task, entries=tuple(entries))


def _left_out(entry: Radiograph | Skipped, reason: str) -> Radiograph | Skipped:
    kind, _, message = reason.partition(": ")
    return Skipped(image_id=entry.image_id, reason=kind, message=message) if kind == KILLED else entry


def _mend(version: Version, keys: Sequence[str], files: dict[str, bytes]) -> None:
    """Write those of the files that are damaged."""
    for key in sorted(set(keys) & set(files)):
        if hashlib.sha256(files[key]).hexdigest() != version.digests[key]:
            remedy = "it was built on another platform: build the version again there"
            raise StoreError(f"{version.id}/{key}", "rebuilt bytes differ from those committed", remedy)
        version.blobs.write(f"{version.id}/{key}", files[key])
