"""A measure that needs no labels: train without one kind of opacity, and find it.

    python -m research.leave_one_kind_out --data FOLDER --out FOLDER

A recipe that teaches what opacities are, and not only how its own look, finds a kind that it never showed. Every run is
scored on the held-out studies of a store that holds the left-out kind alone, and beside it the run of all kinds.
"""

from pathlib import Path

import click
import tomli_w

from artasyn.synth.config import load_config
from research.bench import Bench

FOLDER = "covid_qu_ex"


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Stores, runs, reports.")
@click.option("--preset", default="default", show_default=True)
@click.option("--steps", default=400, show_default=True)
@click.option("--limit", default=250, show_default=True, help="Normals.")
@click.option("--page", type=click.Path(path_type=Path), help="Markdown file to write.")
def main(data: Path, out: Path, preset: str, steps: int, limit: int, page: Path | None) -> None:
    bench = Bench(data=data.resolve(), out=out.resolve())
    kinds = {str(name): weight for name, weight in load_config(preset).opacities.kinds.items() if weight}
    every = _run(bench, "all", kinds, steps, limit)
    lines = ["| left out | Dice without it | Dice with it | AUROC without it | with it |", "|---" * 5 + "|"]
    for kind in kinds:
        without = _run(bench, f"no-{kind}", {k: w for k, w in kinds.items() if k != kind}, steps, limit)
        alone = _store(bench, f"only-{kind}", {kind: 1.0}, limit)
        figures = [_score(bench, run, alone) for run in (without, every)]
        dice, auroc = ([f"{one[name]:.3f}" for one in figures] for name in ("dice", "auroc"))
        lines.append(f"| {kind} | {' | '.join((*dice, *auroc))} |")
        click.echo(lines[-1])
    if page:
        page.write_text("\n".join(lines) + "\n")


def _run(bench: Bench, name: str, kinds: dict[str, float], steps: int, limit: int) -> Path:
    return bench.train([_store(bench, name, kinds, limit)], f"kinds-{name}", steps=steps, seed=0)


def _store(bench: Bench, name: str, kinds: dict[str, float], limit: int) -> str:
    preset = bench.out / f"{name}.toml"
    known = load_config().opacities.kinds
    preset.write_text(
        tomli_w.dumps({"opacities": {"kinds": {str(k): kinds.get(str(k), 0.0) for k in known}}})
    )
    return bench.build(FOLDER, preset=str(preset), name=f"kinds-{name}", limit=limit)


def _score(bench: Bench, run: Path, store: str) -> dict[str, float]:
    """Return mean Dice at the frozen threshold and image AUROC on the held-out studies of the store."""
    options = "--held-out --allow-leak --resamples 100"
    found = bench.score(run, store, report=f"{run.name}-{Path(store).name}", options=options)
    dice, auroc = found["pixel_level"]["run"]["dice_mean"], found["image_level"]["run"]["auroc"]
    return {"dice": dice["value"], "auroc": auroc["value"]}


if __name__ == "__main__":
    main()
