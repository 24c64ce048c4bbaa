"""Which size finds what: train the default recipe so that its network sees 128, 192 or 256 pixels, and score each.

    python -m research.sizes --data FOLDER --out FOLDER --page docs/measured/sizes.md

Nothing else differs: the same normals, steps, seed and rule of the thresholds. Real lesions of COVID-QU-Ex by their
share of the lungs; NIH's boxes by their area, found where a mark lies inside, marks counted down to the level that
gives two false ones an image; held-out synthetic nodules, since none of these data has enough real ones.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import tomli_w

from artasyn.synth.config import load_config
from research.bench import SCORED, Bench
from research.boxes_by_area import boxes_by_area
from research.development_tables import figure_text

FOLDERS = ("covid_qu_ex", "rsna_normal_224")
"""Normals trained on."""


class View(NamedTuple):
    """How large the network sees an image: stores of `stored` pixels, averaged by `shrink`."""

    seen: int
    stored: int
    shrink: int


VIEWS = (View(128, 256, 2), View(192, 384, 2), View(256, 256, 1))


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Stores, runs, reports.")
@click.option("--steps", default=1600, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--limit", default=0, show_default=True, help="Normals of each folder; 0: all.")
@click.option("--seen", default="128,192,256", show_default=True)
@click.option("--page", type=click.Path(path_type=Path), help="Markdown file to write.")
def main(data: Path, out: Path, steps: int, seed: int, limit: int, seen: str, page: Path | None) -> None:
    bench = Bench(data=data.resolve(), out=out.resolve())
    chosen = [view for view in VIEWS if str(view.seen) in seen.split(",")]
    columns = [_column(bench, view, steps=steps, seed=seed, limit=limit) for view in chosen]
    text = table([f"{view.seen} px" for view in chosen], columns)
    click.echo(text)
    if page:
        page.write_text(text)


def table(names: Sequence[str], columns: Sequence[Mapping[str, str]]) -> str:
    """Return the Markdown table of what each size gave, a line a figure; every column has the same figures."""
    lines = ["| seen at | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    lines += [f"| {figure} | " + " | ".join(one[figure] for one in columns) + " |" for figure in columns[0]]
    return "\n".join(lines) + "\n"


def figures(covid: Mapping[str, Any], nih: Mapping[str, Any], nodules: Mapping[str, Any]) -> dict[str, str]:
    """Return the figures of one size, by name, from three reports."""
    levels = {"COVID-QU-Ex": covid, "NIH": nih, "held-out synthetic nodules": nodules}
    found = {
        f"{name}: image AUROC": figure_text(one["image_level"]["run"]["auroc"])
        for name, one in levels.items()
    }
    for part in covid["by_lesion_size"]:
        named = f"{100 * part['from']:.0f}-{100 * part['to']:.0f} % of the lungs, {part['images']} images"
        found[f"COVID-QU-Ex: Dice, {named}"] = figure_text(part["dice_mean"]["run"])
    for name, one in (("COVID-QU-Ex", covid), ("held-out synthetic nodules", nodules)):
        found[f"{name}: Dice"] = figure_text(one["pixel_level"]["run"]["dice_mean"])
        found[f"{name}: pixel AP"] = figure_text(one["pixel_level"]["run"]["pixel_average_precision"])
    for name, one in (("COVID-QU-Ex", covid), ("NIH", nih)):
        found[f"{name}: falsely marked of normal lungs"] = figure_text(
            one["on_normals"]["run"]["share_of_lungs"]
        )
    for key, name in (
        ("pointing_game", "pointing game"),
        ("froc_2", "boxes found at 2 false marks an image"),
    ):
        found[f"NIH: {name}"] = figure_text(nih["box_level"]["run"][key])
    return found


def _column(bench: Bench, view: View, *, steps: int, seed: int, limit: int) -> dict[str, str]:
    """Train and score one size. Returns its figures, by name."""
    size = f"--size {view.stored}"
    stores = [
        bench.build(folder, preset="default", name=f"{folder}-{view.stored}", limit=limit, options=size)
        for folder in FOLDERS
    ]
    run = bench.train(
        stores,
        f"seen-{view.seen}-{seed}",
        steps=steps,
        seed=seed,
        changes={"network": {"shrink": view.shrink}},
    )
    reports = [_report(bench, run, store) for store in _judged(bench, size, view.stored)]
    # A hash of the image says which are held out: none of them was trained on.
    nodules = bench.build(
        FOLDERS[0], preset=_nodules(bench), name=f"nodules-{view.stored}", limit=limit, options=size
    )
    found = figures(*reports, _report(bench, run, nodules, "--held-out --allow-leak"))
    nih = bench.out / "stores" / f"judged-{SCORED['d'][0]}-{view.stored}"
    for area, share in boxes_by_area(run, f"{nih}@v", false_marks=2).items():
        found[f"NIH: of these, {area} of the image"] = share
    return found


def _judged(bench: Bench, size: str, stored: int) -> list[str]:
    """Return the stores of COVID-QU-Ex and NIH that are scored, in this size."""
    return [
        bench.ingest(folder, name=f"judged-{folder}-{stored}", options=f"{part} {size}")
        for folder, part in (SCORED["b"], SCORED["d"])
    ]


def _nodules(bench: Bench) -> str:
    path = bench.out / "nodules.toml"
    kinds = {str(kind): float(kind == "nodular") for kind in load_config().opacities.kinds}
    path.write_text(tomli_w.dumps({"opacities": {"kinds": kinds, "variants": [1.0]}}))
    return str(path)


def _report(bench: Bench, run: Path, store: str, options: str = "") -> dict[str, Any]:
    name = f"{run.name}-{Path(store).name.removesuffix('@v')}"
    return bench.score(run, store, report=name, options=options)


if __name__ == "__main__":
    main()
