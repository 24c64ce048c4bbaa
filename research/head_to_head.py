"""Every published synthesis and ours under one trainer and one budget, judged on the same unseen images.

    python -m research.head_to_head --data FOLDER --out FOLDER --steps 600 --seeds 0,1,2

For each synthesis a store is built from the same normals, the same network is trained on it with each seed, and every
run is judged on radiographs that it never saw: ZhangLab's validation part (a), COVID-QU-Ex's (b), NIH images with boxes
(d). Thresholds are frozen on held-out synthetic images. What is done already is not done again;
`research.head_to_head_table` makes the table of what lies in OUT.
"""

import csv
import os
import shlex
import subprocess
import tomllib
from collections.abc import Sequence
from pathlib import Path

import click
import tomli_w

from artasyn.synth.opacities.rivals.registry import RIVALS
from research.judge import judge

NORMALS = ("covid_qu_ex", "rsna_normal_224", "zhanglab_224")
"""Folders whose training normals are painted on."""
JUDGED = {"a": "zhanglab_224", "b": "covid_qu_ex", "d": "nih_rsna_boxes_512"}
"""Folder that each protocol judges on."""
METHODS = ("default", "paper", *(name.replace("_", "-") + end for name in RIVALS for end in ("", "-in-lung")))
"""Presets of the build: ours, the published strokes, and every other published synthesis in its two forms."""


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Stores, runs, judgements.")
@click.option("--method", "methods", multiple=True, help="Preset of the build; all if not given.")
@click.option("--steps", default=600, show_default=True)
@click.option("--seeds", default="0,1,2", show_default=True)
@click.option("--limit", default=200, show_default=True, help="Normals of each folder.")
@click.option("--recipe", type=click.Path(path_type=Path, exists=True), help="Another trainer's TOML file.")
def main(
    data: Path, out: Path, methods: tuple[str, ...], steps: int, seeds: str, limit: int, recipe: Path | None
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    trainer = _write_recipe(out / "recipe.toml", recipe)
    judged = {protocol: _ingest(data, folder, out) for protocol, folder in JUDGED.items()}
    for seed in map(int, seeds.split(",")):
        for method in methods or METHODS:
            stores = [_build(data, folder, out, method, limit) for folder in NORMALS]
            run = _train(stores, out / "runs" / f"{method}-{seed}", trainer, steps, seed)
            for protocol, store in judged.items():
                judge(run, store, out / "judged" / f"{method}-{seed}-{protocol}.npz")
            click.echo(f"{method}, seed {seed}: judged")


def _write_recipe(path: Path, base: Path | None) -> Path:
    """Write the trainer's recipe: the default with fewer images behind thresholds and image score, to save time."""
    recipe = tomllib.loads(base.read_text()) if base else {}
    loop = {"validation_studies": 20, "calibration_studies": 100, "score_studies": 250}
    path.write_text(tomli_w.dumps(recipe | {"loop": loop | recipe.get("loop", {})}))
    return path


def _ingest(data: Path, folder: str, out: Path) -> str:
    store = out / "stores" / f"judged-{folder}"
    split = " --split val" if folder != "nih_rsna_boxes_512" else ""
    if not (store / "tags" / "v.json").exists():
        _command(out, f"artasyn-synth ingest {data / folder / 'index.csv'} {store} --tag v{split}")
    return f"{store}@v"


def _build(data: Path, folder: str, out: Path, method: str, limit: int) -> str:
    store = out / "stores" / f"{method}-{folder}"
    if not (store / "tags" / "v.json").exists():
        index = _training_index(data / folder / "index.csv", out / f"{folder}.csv")
        _command(
            out,
            f"artasyn-synth build {index} {store} --root {data / folder} --preset {method}"
            f" --limit {limit} --workers 0 --tag v",
        )
    return f"{store}@v"


def _training_index(source: Path, path: Path) -> Path:
    """Write the list of a folder's training normals, whatever its columns are called."""
    with source.open(newline="") as file:
        rows = [
            row for row in csv.DictReader(file) if (row.get("cls") or row.get("kind", "")).lower() == "normal"
        ]
    kept = [row["file"] for row in rows if row.get("split", "train") == "train"]
    path.write_text("\n".join(["file,class", *(f"{name},normal" for name in kept)]) + "\n")
    return path


def _train(stores: Sequence[str], run: Path, recipe: Path, steps: int, seed: int) -> Path:
    if not (run / "digests.json").exists():
        resume = " --resume" if run.exists() else ""
        _command(
            run.parent.parent,
            f"artasyn-train fit {' '.join(stores)} {run} --preset {recipe} --steps {steps} --seed {seed}"
            f" --threads 1{resume}",
        )
    return run


def _command(out: Path, line: str) -> None:
    """Run a command line on one thread, its output in a log; raise where it fails."""
    with (out / "log.txt").open("a") as log:
        log.write(f"$ {line}\n")
        log.flush()
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        subprocess.run(shlex.split(line), check=True, env=environment, stdout=log, stderr=subprocess.STDOUT)


if __name__ == "__main__":
    main()
