"""Build, train and score a recipe on radiographs it has never seen, three seeds a protocol, and note it in a table.

    python -m research.zeroshot --data FOLDER --out FOLDER --steps 12000 --protocols abd --seeds 0,1,2

Protocols (no annotation of a real lesion is ever trained on, thresholds are frozen on synthetic images):

- a: training normals of ZhangLab -> its validation part, image level (one source, children);
- b: all normals of FOLDER but the scored ones -> COVID-QU-Ex validation part, image and pixel level;
- d: the runs of b -> NIH radiographs with radiologists' boxes; other images than RSNA's normals, which are NIH's too.

Every training keeps to one thread; start several processes with other seeds to use more. Figures are appended to
docs/zeroshot.json and drawn up in docs/zeroshot.md; `--recipe` names the line, `--synth` is a preset or TOML file.
"""

from pathlib import Path

import click

from research.bench import SCORED, Bench
from research.zeroshot_table import Row, append_rows, figures_of, write_table

TRAINED = {
    "a": ("zhanglab_224",),
    "b": ("covid_qu_ex", "rsna_normal_224", "zhanglab_224", "kermany_hires"),
}
"""Folders whose training normals are synthesised on."""


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Stores, runs, reports.")
@click.option("--recipe", default="default", show_default=True, help="Name in the table.")
@click.option("--synth", default="default", show_default=True, help="Preset or TOML file of the build.")
@click.option("--protocols", default="abd", show_default=True)
@click.option("--steps", default=12000, show_default=True)
@click.option("--seeds", default="0,1,2", show_default=True)
@click.option("--workers", default=0, show_default=True, help="Processes of a build.")
@click.option("--table", type=click.Path(path_type=Path), default=Path("docs/zeroshot"), show_default=True)
def main(
    data: Path,
    out: Path,
    recipe: str,
    synth: str,
    protocols: str,
    steps: int,
    seeds: str,
    workers: int,
    table: Path,
) -> None:
    bench = Bench(data=data.resolve(), out=out.resolve())
    for seed in map(int, seeds.split(",")):
        for protocol in protocols:
            trained = "a" if protocol == "a" else "b"
            name = f"{Path(recipe).stem}-{trained}-{steps}-{seed}"
            stores = [
                bench.build(folder, preset=synth, name=f"{Path(synth).stem}-{folder}-all", workers=workers)
                for folder in TRAINED[trained]
            ]
            run = bench.train(stores, name, steps=steps, seed=seed, short=False)
            report = _score(bench, run, protocol, f"{name}-{protocol}")
            row = Row(
                recipe=recipe,
                protocol=protocol,
                seed=seed,
                budget=f"{steps} steps",
                figures=figures_of(report),
            )
            append_rows(table.with_suffix(".json"), [row])
            write_table(table)
    click.echo(table.with_suffix(".md").read_text())


def _score(bench: Bench, run: Path, protocol: str, name: str) -> dict[str, object]:
    scored, part = SCORED[protocol]
    store = bench.ingest(scored, name=f"judged-{scored}", options=part)
    return bench.score(run, store, report=name)


if __name__ == "__main__":
    main()
