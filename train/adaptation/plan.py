"""What an adaptation will do: everything opened, and all that can be refused is refused before work begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import RunError, StoreError
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.train.adaptation.self_training import AdaptConfig, adaptation_recipe
from artasyn.train.config import TrainConfig
from artasyn.train.data.stores import TrainingStore, check_squaring, open_training_stores, usable_rows
from artasyn.train.runs.run import Run, open_run
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runtime.distributed import Processes

__all__ = ["AdaptPlan", "plan_adapt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptPlan:
    """What an adaptation will do, checked; nothing is written yet."""

    run: Run
    unlabelled: Version
    rows: NDArray[np.intp]
    """Of the unlabelled images."""
    name: str
    """Of the unlabelled images' store, as the user gave it."""
    split: str
    """The one split of it that is learnt from; empty for all."""
    stores: tuple[TrainingStore, ...]
    folder: RunFolder
    config: AdaptConfig
    recipe: TrainConfig
    """Of the training further."""
    processes: Processes

    @property
    def begun(self) -> RunFolder:
        """Where the run lies until it is complete."""
        return RunFolder(self.folder.path.with_name(f".{self.folder.path.name}.partial"))

    def unseen_split(self) -> str:
        """Return a split of the unlabelled images that is not learnt from and could be scored, "" where none is."""
        table, rows = self.unlabelled.table, usable_rows(self.unlabelled)
        labelled = rows[table["label"][rows] != "unlabelled"]
        others = {*table["split"][labelled].tolist()} - {self.split, ""}
        return min(others, default="") if self.split else ""


def plan_adapt(
    run: Path,
    unlabelled: str,
    stores: Sequence[str],
    out: Path,
    *,
    split: str = "",
    config: AdaptConfig,
    processes: Processes,
) -> AdaptPlan:
    """Open everything and check all that can be refused before work begins; `stores` are those of the run.

    Of `unlabelled` one split is taken, or all. Raises RunError, StoreError or ConfigError.
    """
    opened, version = open_run(run), open_version(unlabelled)
    _check_run(opened)
    _check_unlabelled(unlabelled, version, size=opened.size)
    check_squaring(unlabelled, version, opened.squaring)
    rows = _usable(unlabelled, version, split)
    synthetic = open_training_stores(stores)
    _check_stores(opened, synthetic)
    RunFolder(out).check_free(resume=False)
    recipe = adaptation_recipe(opened.config, config, processes.device)
    return AdaptPlan(
        run=opened,
        unlabelled=version,
        rows=rows,
        name=unlabelled,
        split=split,
        stores=synthetic,
        folder=RunFolder(out),
        config=config,
        recipe=recipe,
        processes=processes,
    )


def _check_run(run: Run) -> None:
    remedy = "adapt a run of preset default"
    if "segmentation" not in run.config.network.heads:
        raise RunError(run.path, "has no head `segmentation` that could learn masks", remedy)
    if not run.config.loss.pixels:
        raise RunError(
            run.path, "was trained with loss.pixels = 0, the loss that pseudo-labels are learnt by", remedy
        )


def _check_unlabelled(name: str, version: Version, *, size: int) -> None:
    kind = version.attributes["kind"]
    if kind != "evaluation":
        reason = f"is of kind `{kind}`: its images are those of a training"
        raise StoreError(name, reason, "bring real images in with `artasyn-synth ingest`")
    if version.shape.size != size:
        reason = f"holds images of {version.shape.size} px, the run takes {size} px"
        raise StoreError(name, reason, f"ingest them with --size {size}")


def _usable(name: str, version: Version, split: str) -> NDArray[np.intp]:
    rows = usable_rows(version, split)
    if not len(rows):
        where = f" in split `{split}`" if split else ""
        raise StoreError(
            name, f"holds no usable image{where}", "`artasyn-synth info` tells splits and what is absent"
        )
    return rows


def _check_stores(run: Run, stores: Sequence[TrainingStore]) -> None:
    """Raise RunError unless these are the synthetic stores of the run; an adapted run lists others beside them."""
    wanted = {record["digest"]: record for record in run.stores if not record["unlabelled"]}
    if {store.version.attributes["digest"] for store in stores} != set(wanted):
        names = ", ".join(f"{record['name']} ({record['id'][:12]})" for record in wanted.values())
        raise RunError(run.path, "was trained on other stores", f"give these: {names}")
