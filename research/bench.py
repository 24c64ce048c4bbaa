"""What the comparisons share: run the project's commands on one thread, and do nothing twice."""

import csv
import json
import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

__all__ = ["SCORED", "Bench", "training_index"]

SCORED = {
    "a": ("zhanglab_224", "--split val"),
    "b": ("covid_qu_ex", "--split val"),
    "d": ("nih_rsna_boxes_512", ""),
}
"""Folder that each protocol scores, and which part."""

SHORT = {"validation_studies": 20, "calibration_studies": 100, "score_studies": 250}
"""Fewer images behind thresholds and image score than the default takes: short trainings are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where data lie, and where stores, runs and judgements go."""

    data: Path
    out: Path

    def __post_init__(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)

    def command(self, line: str) -> None:
        """Run a command line on one thread, its output in a log; raise where it fails."""
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        with (self.out / "log.txt").open("a") as log:
            log.write(f"$ {line}\n")
            log.flush()
            subprocess.run(
                shlex.split(line), check=True, env=environment, stdout=log, stderr=subprocess.STDOUT
            )

    def ingest(self, folder: str, *, name: str, options: str = "", table: Path | None = None) -> str:
        """Return the evaluation store of a folder's radiographs."""
        store = self.out / "stores" / name
        if not (store / "tags" / "v.json").exists():
            index = table or self.data / folder / "index.csv"
            self.command(
                f"artasyn-synth ingest {index} {store} --root {self.data / folder} --tag v {options}"
            )
        return f"{store}@v"

    def build(
        self, folder: str, *, preset: str, name: str, limit: int = 0, workers: int = 0, options: str = ""
    ) -> str:
        """Return the store of opacities painted on the folder's training normals, the first `limit` of them."""
        store = self.out / "stores" / name
        if not (store / "tags" / "v.json").exists():
            index = training_index(self.data / folder / "index.csv", self.out / f"{folder}.csv")
            some = f" --limit {limit}" if limit else ""
            self.command(
                f"artasyn-synth build {index} {store} --root {self.data / folder} --preset {preset} --tag v"
                f" --workers {workers}{some} {options}"
            )
        return f"{store}@v"

    def train(
        self,
        stores: Sequence[str],
        name: str,
        *,
        steps: int,
        seed: int,
        short: bool = True,
        changes: Mapping[str, Mapping[str, object]] | None = None,
    ) -> Path:
        """Return the run of so many steps on these stores.

        `short` takes fewer images behind its thresholds; `changes` are tables of the recipe that differ.
        """
        run = self.out / "runs" / name
        if not (run / "digests.json").exists():
            changed = {**({"loop": SHORT} if short else {}), **(changes or {})}
            preset = self._recipe(changed) if changed else "default"
            resume = " --resume" if run.exists() else ""
            self.command(
                f"artasyn-train fit {' '.join(stores)} {run} --preset {preset} --steps {steps} --seed {seed}"
                f" --threads 1{resume}"
            )
        return run

    def score(self, run: Path, store: str, *, report: str, options: str = "") -> dict[str, Any]:
        """Return the report of a run on a store, which lies in the folder `reports/REPORT`."""
        folder = self.out / "reports" / report
        if not (folder / "report.json").exists():
            self.command(f"artasyn-eval score {run} {store} {options} --report {folder}")
        found: dict[str, Any] = json.loads((folder / "report.json").read_text())
        return found

    def _recipe(self, changes: Mapping[str, Mapping[str, object]]) -> Path:
        path = self.out / "recipe.toml"
        path.write_text(tomli_w.dumps(changes))
        return path


def training_index(source: Path, path: Path) -> Path:
    """Write the list of a folder's training normals, whatever its columns are called; return its path."""
    with source.open(newline="") as file:
        rows = [
            row for row in csv.DictReader(file) if (row.get("cls") or row.get("kind", "")).lower() == "normal"
        ]
    kept = [row["file"] for row in rows if row.get("split", "train") == "train"]
    path.write_text("\n".join(["file,class", *(f"{name},normal" for name in kept)]) + "\n")
    return path
