"""Normals of other places: train on one source's normals, and see what becomes of the normals of the others.

    python -m research.places --data FOLDER --out FOLDER --page docs/measured/places.md

No opacity of a judged image has a say in the first two columns: share of the lungs marked, and share of images called
abnormal, at thresholds frozen on the training's own held-out images. The third, where a group has abnormal images as
well, is the image AUROC within the group.
"""

from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from research.bench import Bench
from research.judge import judge

SOURCES = {"RSNA": "rsna_normal_224", "COVID-QU-Ex": "covid_qu_ex", "ZhangLab": "zhanglab_224"}
"""Places trained on, one at a time."""
JUDGED = {
    "RSNA": ("rsna_normal_224", "--split train --limit 200"),
    "COVID-QU-Ex": ("covid_qu_ex", "--split val"),
    "ZhangLab": ("zhanglab_224", "--split val"),
    "Kermany, full size": ("kermany_hires", "--split train"),
    "NIH": ("nih_rsna_boxes_512", ""),
}
"""Places judged on, and which part."""
SAME = {("RSNA", "RSNA"), ("ZhangLab", "Kermany, full size")}
"""Not judged: the same radiographs may have been trained on."""
Groups = Iterator[tuple[str, NDArray[np.bool_]]]


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Stores, runs, judgements.")
@click.option("--steps", default=600, show_default=True)
@click.option("--limit", default=400, show_default=True, help="Normals of each place trained on.")
@click.option("--page", type=click.Path(path_type=Path), help="Markdown file to write.")
def main(data: Path, out: Path, steps: int, limit: int, page: Path | None) -> None:
    bench = Bench(data=data.resolve(), out=out.resolve())
    lines = [
        "| trained on | normals of | images | lungs marked | called abnormal | AUROC |",
        "|---" * 6 + "|",
    ]
    for source, folder in SOURCES.items():
        store = bench.build(folder, preset="default", name=f"place-{folder}", limit=limit)
        run = bench.train([store], f"place-{folder}", steps=steps, seed=0)
        for place, (judged, part) in JUDGED.items():
            if (source, place) in SAME:
                continue
            target = bench.ingest(judged, name=f"judged-{judged}", options=part)
            found = bench.out / "judged" / f"place-{folder}-{judged}.npz"
            judge(run, target, found)
            lines += [f"| {source} | {row}" for row in _rows(place, dict(np.load(found)))]
    text = "\n".join(lines) + "\n"
    click.echo(text)
    if page:
        page.write_text(text)


def _rows(place: str, found: dict[str, NDArray[np.generic]]) -> list[str]:
    rows = []
    for name, chosen in _groups(place, found):
        abnormal = found["abnormal"][chosen].astype(bool)
        score, marked = found["score"][chosen].astype(float), found["marked_of_lungs"][chosen].astype(float)
        called = (score[~abnormal] >= float(found["image_threshold"])).mean()
        auroc = f"{roc_auc_score(abnormal, score):.3f}" if 0 < abnormal.sum() < len(abnormal) else "-"
        shares = f"{100 * marked[~abnormal].mean():.1f} % | {100 * called:.0f} %"
        rows.append(f"{name} | {(~abnormal).sum()} | {shares} | {auroc} |")
    return rows


def _groups(place: str, found: dict[str, NDArray[np.generic]]) -> Groups:
    yield place, np.ones(len(found["score"]), bool)
    for view in sorted(set(found["view"].tolist()) - {""}):
        for sex in sorted(set(found["sex"].tolist()) - {""}):
            chosen = (found["view"] == view) & (found["sex"] == sex)
            if chosen.sum() >= 10:
                yield f"{place}, {view}, {sex}", chosen


if __name__ == "__main__":
    main()
