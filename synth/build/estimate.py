"""Estimate the disk space and time of a build by making a few of its studies."""

import os
import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.data_manifests.store.draft import Draft
from artasyn.data_manifests.store.encoding import encode_shard
from artasyn.synth.build.plan import Plan
from artasyn.synth.build.shards import ShardTask

__all__ = ["Estimate", "estimate"]

SAMPLED = 8
"""Studies that are made for the guess, spread over the corpus."""
SECONDS = 5.0
"""After so long no further study is begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a build costs, measured on some of its studies in one process of this machine."""

    studies: int
    """How many were made."""
    seconds_per_study: float
    bytes_per_study: float
    """Compressed, without the table."""


def estimate(plan: Plan) -> Estimate:
    """Make a few studies, write nothing; the first is made twice, lest loading the program be counted."""
    task = _sample(plan)
    task.make_study(0)
    started = time.monotonic()
    samples: dict[int, NDArray[np.uint8]] = {}
    made = 0
    while made < len(task.entries) and (not made or time.monotonic() - started < SECONDS):
        study = task.make_study(made)
        samples |= {made * plan.shape.slots + slot: sample for slot, sample in study.samples.items()}
        made += 1
    packed = encode_shard(samples, task.draft.shape)
    seconds = time.monotonic() - started
    return Estimate(
        studies=made,
        seconds_per_study=seconds / made,
        bytes_per_study=(len(packed) - 16 * task.draft.shape.rows) / made,
    )


def _sample(plan: Plan) -> ShardTask:
    """Return a task of a few entries, evenly spread over the plan."""
    step = max(1, len(plan.entries) // SAMPLED)
    entries, contents = plan.entries[::step][:SAMPLED], plan.contents[::step][:SAMPLED]
    shape = replace(plan.shape, studies=len(entries), studies_per_shard=len(entries))
    draft = Draft(FolderBlobs(os.devnull), plan.version_id, shape)
    return ShardTask(
        kind=plan.kind, recipe=plan.recipe, draft=draft, shard=0, entries=entries, contents=contents
    )
