"""Make a planned version: shards in any order by any executor, then the commit."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.corpora.radiograph import Radiograph, Skipped
from artasyn.data_manifests.store.contract import Kind, Row
from artasyn.data_manifests.store.draft import Draft
from artasyn.data_manifests.store.encoding import encode_shard
from artasyn.synth.build.evaluation_study import make_evaluation_study
from artasyn.synth.build.inputs import read_planned
from artasyn.synth.build.plan import Plan
from artasyn.synth.build.study import Recipe, Study, rejected_study
from artasyn.synth.build.synthetic_study import make_synthetic_study
from artasyn.synth.threads import one_thread

__all__ = ["KILLED", "Executor", "ShardTask", "build_shards", "run_here", "shard_tasks"]

KILLED = "killed_worker"
"""Reason of an image that is left out because its worker process died on it every time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardTask:
    """One shard to be made; picklable, idempotent, the same bytes wherever it runs."""

    kind: Kind
    recipe: Recipe
    draft: Draft
    shard: int
    entries: tuple[Radiograph | Skipped, ...]
    contents: tuple[str, ...]
    """Of each entry, the digest that the plan saw."""

    def run(self) -> Counter[str]:
        """Make and write the shard; return how many rows have which status."""
        data, rows = self.make()
        self.draft.write_shard(self.shard, data, rows)
        return Counter(row.status for row in rows)

    def make(self) -> tuple[bytes, list[Row]]:
        """Return the shard's bytes and its rows of the table."""
        samples: dict[int, NDArray[np.uint8]] = {}
        rows: list[Row] = []
        with one_thread():
            for place in range(len(self.entries)):
                made = self.make_study(place)
                samples |= {len(rows) + slot: sample for slot, sample in made.samples.items()}
                rows += made.rows
        return encode_shard(samples, self.draft.shape), rows

    def make_study(self, place: int) -> Study:
        """Make the study at a place within the shard. Raises CorpusError, MachineError, ConfigError."""
        entry, study = self.entries[place], self.draft.shape.studies_of(self.shard)[place]
        if isinstance(entry, Skipped):
            slots = self.draft.shape.slots
            return rejected_study(entry.image_id, study, slots, kind=entry.reason, message=entry.message)
        make = make_synthetic_study if self.kind == "synthetic" else make_evaluation_study
        return make(entry, study, self.recipe, read_planned(entry, self.contents[place]))


Executor = Callable[[Iterable[ShardTask]], Iterator[Counter[str]]]
"""Runs tasks, in any order, and yields the tally of each as it is done."""


def run_here(tasks: Iterable[ShardTask]) -> Iterator[Counter[str]]:
    """Run the tasks one after the other in this process."""
    for task in tasks:
        yield task.run()


def build_shards(plan: Plan, draft: Draft, *, executor: Executor = run_here) -> Iterator[Counter[str]]:
    """Make the shards that are still missing, yielding a tally of row states for each.

    Interrupt it anywhere and call it again: it goes on. `draft.commit` makes the version readable.
    """
    yield from executor(shard_tasks(plan, draft, draft.missing_shards()))


def shard_tasks(plan: Plan, draft: Draft, shards: Iterable[int]) -> Iterator[ShardTask]:
    """Yield the task of each shard."""
    for shard in shards:
        studies = plan.shape.studies_of(shard)
        part = slice(studies.start, studies.stop)
        yield ShardTask(
            kind=plan.kind,
            recipe=plan.recipe,
            draft=draft,
            shard=shard,
            entries=plan.entries[part],
            contents=plan.contents[part],
        )
