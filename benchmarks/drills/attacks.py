"""All attacks by name."""

from collections.abc import Callable, Iterator

from benchmarks.drills import buckets, builds, hostile, reads, runs, scorings, soak, versions
from benchmarks.drills.bench import Bench

__all__ = ["DRILLS"]

DRILLS: dict[str, Callable[[Bench], Iterator[str]]] = {
    "build: coordinator killed at a random moment": builds.killed_coordinator,
    "build: a worker killed at a random moment": builds.killed_worker,
    "build: two at once into one store": builds.race,
    "build: disk full": builds.full_disk,
    "build: one bit of a journal entry": builds.journal,
    "build: the corpus in another place": builds.places,
    "read: EIO, ESTALE, ENOMEM, EMFILE, once": reads.failing_once,
    "read: the same, again and again": reads.failing_always,
    "read: a file changed after the plan": reads.changed,
    "bucket: a tenth of the requests fail": buckets.busy,
    "bucket: the service fails for good": buckets.failing,
    "version: one bit of any kind of file": versions.flipped_files,
    "version: a file missing": versions.missing,
    "version: foreign files beside and within": versions.foreign,
    "run: one bit of any file": runs.flipped_files,
    "run: a file cut short or empty": runs.cut,
    "run: two trainings in one folder": runs.two_owners,
    "run: trainer killed, with workers": runs.killed,
    "score: one bit of a journal": scorings.journal,
    "score: killed, with workers": scorings.killed,
    "predict: twice into the images' folder": scorings.predicted_twice,
    "images: bits, cuts and odd files": hostile.images,
    "tables: mutated CSV": hostile.tables,
    "soak: build, fit, score again and again": soak.rounds,
}
"""By name of the attack. Each yields, a try, what did not hold; an empty text where all did."""
