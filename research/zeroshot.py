"""Build, train and score a recipe on radiographs it has never seen, within a stated budget, and note it in a table.

    python -m research.zeroshot --data FOLDER --out FOLDER --recipe default --minutes 12 --seeds 0 1 2

Protocols (no annotation of a real lesion is ever trained on, thresholds are frozen on synthetic images):

- a: training normals of ZhangLab -> its validation part, image level (one source, children);
- b: all normals of FOLDER but the scored ones -> COVID-QU-Ex validation part, image and pixel level;
- c: the runs of b -> NIH radiographs with radiologists' boxes (few: look, do not rank).

The budget is processor minutes: every training keeps to one thread, `--parallel` of them run side by side. Figures are
appended to docs/zeroshot.json and drawn up in docs/zeroshot.md; `--recipe` names the line, `--synth` and `--train` are
presets or TOML files.
"""

import csv
import json
import os
import shlex
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from research.zeroshot_boxes import judge_boxes
from research.zeroshot_table import Row, append_rows, figures_of, write_table

CORPORA = {
    "a": ("zhanglab_224",),
    "b": ("covid_qu_ex", "rsna_normal_224", "zhanglab_224", "kermany_hires"),
}
"""Folders whose training normals are synthesised on."""
SCORED = {"a": "zhanglab_224", "b": "covid_qu_ex"}
"""Folder whose validation part is scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A name for the table, and what it stands for: presets or TOML files."""

    name: str
    synth: str
    train: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where data lie, where everything goes, and the budget of one training in processor minutes."""

    data: Path
    out: Path
    minutes: float

    def command(self, line: str) -> None:
        """Run a command line on one thread, its output in a log; raise where it fails."""
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        with (self.out / "log.txt").open("a") as log:
            log.write(f"$ {line}\n")
            log.flush()
            subprocess.run(
                shlex.split(line), check=True, env=environment, stdout=log, stderr=subprocess.STDOUT
            )


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Stores, runs, reports.")
@click.option("--recipe", "name", default="default", show_default=True, help="Name in the table.")
@click.option("--synth", default="", help="Preset or TOML of the build; default: the recipe's name.")
@click.option("--train", default="", help="Preset or TOML of the training; default: the recipe's name.")
@click.option("--protocols", default="ab", show_default=True)
@click.option("--minutes", default=12.0, show_default=True, help="Processor minutes of one training.")
@click.option("--seeds", default=3, show_default=True, help="Trainings of each protocol, seeds 0, 1, ...")
@click.option("--parallel", default=2, show_default=True, help="Trainings side by side, one thread each.")
@click.option("--table", type=click.Path(path_type=Path), default=Path("docs/zeroshot"), show_default=True)
def main(
    data: Path,
    out: Path,
    name: str,
    synth: str,
    train: str,
    protocols: str,
    minutes: float,
    seeds: int,
    parallel: int,
    table: Path,
) -> None:
    recipe = Recipe(name=name, synth=synth or name, train=train or name)
    bench = Bench(data=data.resolve(), out=out.resolve(), minutes=minutes)
    bench.out.mkdir(parents=True, exist_ok=True)
    for protocol in protocols.replace("c", ""):
        stores, scored = prepare(protocol, recipe, bench, parallel=parallel)
        with ThreadPoolExecutor(parallel) as pool:
            jobs = [
                pool.submit(run_once, protocol, recipe, bench, stores, scored, seed) for seed in range(seeds)
            ]
            for job in jobs:
                append_rows(table.with_suffix(".json"), [job.result()])
        write_table(table)
    if "c" in protocols:
        runs = [bench.out / "runs" / f"{recipe.name}-b-{seed}" for seed in range(seeds)]
        rows = judge_boxes(bench.data / "nih_chestxray14", runs, recipe=recipe.name, minutes=minutes)
        append_rows(table.with_suffix(".json"), rows)
        write_table(table)
    click.echo(table.with_suffix(".md").read_text())


def prepare(protocol: str, recipe: Recipe, bench: Bench, *, parallel: int) -> tuple[list[str], str]:
    """Build the training stores and the evaluation store; return their names."""
    preset = recipe.synth.replace("/", "_").removesuffix(".toml")
    stores = []
    for folder in CORPORA[protocol]:
        store = f"{bench.out}/stores/{folder}-{preset}"
        index = training_index(bench, folder)
        bench.command(
            f"artasyn-synth build {index} {store} --root {bench.data / folder} --preset {recipe.synth}"
            f" --workers {parallel}"
        )
        stores.append(store)
    scored = f"{bench.out}/stores/{SCORED[protocol]}-val"
    bench.command(f"artasyn-synth ingest {bench.data / SCORED[protocol] / 'index.csv'} {scored} --split val")
    return stores, scored


def training_index(bench: Bench, folder: str) -> Path:
    """Write the list of a folder's training normals, whatever its columns are called."""
    with (bench.data / folder / "index.csv").open(newline="") as file:
        rows = [
            row for row in csv.DictReader(file) if (row.get("cls") or row.get("kind", "")).lower() == "normal"
        ]
    path = bench.out / f"{folder}.csv"
    kept = [row["file"] for row in rows if row.get("split", "train") == "train"]
    path.write_text("\n".join(["file,class", *(f"{name},normal" for name in kept)]) + "\n")
    return path


def run_once(
    protocol: str, recipe: Recipe, bench: Bench, stores: Sequence[str], scored: str, seed: int
) -> Row:
    """Train and score once; return the table's line."""
    run = f"{bench.out}/runs/{recipe.name}-{protocol}-{seed}"
    preset = f"--preset {recipe.train}"
    if not Path(run, "thresholds.json").exists():
        resume = "--resume" if Path(run).exists() else ""
        bench.command(
            f"artasyn-train fit {' '.join(stores)} {run} {preset} --minutes {bench.minutes} --seed {seed}"
            f" --threads 1 {resume}"
        )
    report = f"{bench.out}/reports/{recipe.name}-{protocol}-{seed}"
    bench.command(f"artasyn-eval score {run} {scored} --report {report}")
    found: dict[str, Any] = json.loads(Path(report, "report.json").read_text())
    return Row(
        recipe=recipe.name,
        protocol=protocol,
        seed=seed,
        minutes=bench.minutes,
        figures=figures_of(found),
    )


if __name__ == "__main__":
    main()
