"""Every published synthesis and ours under one trainer and one budget, judged on the same unseen images.

    python -m research.head_to_head --data FOLDER --out FOLDER --steps 600 --seeds 0,1,2
    python -m research.head_to_head --data FOLDER --out WHOLE --whole --method default --method syntumor [--parts]

For each synthesis a store is built from the same normals, the same network is trained on it with each seed, and every
run is judged on radiographs that it never saw: ZhangLab's validation part (a), COVID-QU-Ex's (b), NIH images with boxes
(d). Thresholds are frozen on held-out synthetic images. `--whole` trains as `research.zeroshot` does: every normal of
its four folders, and the default's thresholds and map. Opacities are learnt as they are drawn; with `--parts` they are
cut to parts as the default does, and the run's name ends in `-parts`. What is done already is not done again;
`research.head_to_head_table` makes the table of what lies in OUT.
"""

from pathlib import Path

import click

from artasyn.synth.opacities.rivals.registry import RIVALS
from research.bench import SCORED, Bench
from research.judge import judge
from research.zeroshot import TRAINED

NORMALS = dict.fromkeys(("covid_qu_ex", "rsna_normal_224", "zhanglab_224"), 200)
"""Folders whose training normals are painted on, so many of each."""
ALL_NORMALS = dict.fromkeys(TRAINED["b"], 0)
"""The same with `--whole`: 0 is all."""
METHODS = ("default", "paper", *(name.replace("_", "-") + end for name in RIVALS for end in ("", "-in-lung")))
"""Presets of the build: ours, the published strokes, and every other published synthesis in its two forms."""

UNCUT = {"augment": {"part_probability": 0.0}}
"""Opacities are learnt as they are drawn."""
ONE_SCORE = {"score": {"map_distance": 0.0, "top_share": 0.05, "head": 1.0}}
"""Maps stay as the network predicts them: what moves them by features of the whole image knows of no synthesis. The
image score is that of the first tables, whatever the default is, so that tables of different days compare."""


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Stores, runs, judgements.")
@click.option(
    "--method", "methods", multiple=True, help="Preset of the build, or a TOML file; all if not given."
)
@click.option("--steps", type=int, help="600, or 6000 with --whole.")
@click.option("--seeds", default="0,1,2", show_default=True)
@click.option("--whole", is_flag=True, help="Every normal, and long trainings.")
@click.option("--parts", is_flag=True, help="Cut opacities to parts while training, as the default does.")
def main(
    data: Path,
    out: Path,
    methods: tuple[str, ...],
    steps: int | None,
    seeds: str,
    whole: bool,
    parts: bool,
) -> None:
    bench = Bench(data=data.resolve(), out=out.resolve())
    judged = {
        protocol: bench.ingest(folder, name=f"judged-{folder}", options=part)
        for protocol, (folder, part) in SCORED.items()
    }
    for seed in map(int, seeds.split(",")):
        for preset in methods or METHODS:
            method = Path(preset).stem
            stores = [
                bench.build(folder, preset=preset, name=f"{method}-{folder}", limit=limit)
                for folder, limit in (ALL_NORMALS if whole else NORMALS).items()
            ]
            name = f"{method}-parts-{seed}" if parts else f"{method}-{seed}"
            run = bench.train(
                stores,
                name,
                steps=steps or (6000 if whole else 600),
                seed=seed,
                short=not whole,
                changes={**({} if parts else UNCUT), **({} if whole else ONE_SCORE)},
            )
            for protocol, store in judged.items():
                judge(run, store, bench.out / "judged" / f"{name}-{protocol}.npz")
            click.echo(f"{name}: judged")


if __name__ == "__main__":
    main()
