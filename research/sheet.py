"""Real opacities beside synthetic ones, to be looked at; pictures of real radiographs stay out of the repository.

    python -m research.sheet --root COVID_QU_EX --out scratch/sheet.png [--preset default] [--masks]

Left half: synthetic opacities on normals; right half: real ones. COVID_QU_EX holds `index.csv` and what it lists.
"""

from pathlib import Path

import click
import cv2
import numpy as np
from PIL import Image

from artasyn.data_manifests.colours import ORANGE
from artasyn.data_manifests.errors import ConfigError
from artasyn.synth.config import load_config
from research.realism_data import MarkedRadiograph, paint, read_radiographs


@click.command(help=__doc__)
@click.option(
    "--root", type=click.Path(path_type=Path, exists=True), required=True, help="Folder of radiographs."
)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The sheet; a path that git ignores."
)
@click.option("--preset", default="default", help="Preset or TOML file.")
@click.option("--count", default=60, help="Radiographs on each half.")
@click.option("--columns", default=6, help="Radiographs beside each other on each half.")
@click.option("--seed", default=0, help="Which ones.")
@click.option("--masks", is_flag=True, help="Outline the masks.")
def main(root: Path, out: Path, preset: str, count: int, columns: int, seed: int, masks: bool) -> None:
    if _in_repository(out):
        raise ConfigError(out, "lies in the repository and is not ignored", "write to scratch/")
    rng = np.random.default_rng(seed)
    normal, diseased = read_radiographs(root, "Normal"), read_radiographs(root, "COVID-19")
    chosen = [normal[i] for i in rng.permutation(len(normal))[:count]]
    synthetic = paint(chosen, load_config(preset).opacities, seed=seed)
    real = [diseased[i] for i in rng.permutation(len(diseased))[:count]]
    halves = [_grid(radiographs, columns=columns, masks=masks) for radiographs in (synthetic, real)]
    rows = min(len(half) for half in halves)
    gap = np.full((rows, 12, 3), 255, np.uint8)
    out.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate([halves[0][:rows], gap, halves[1][:rows]], axis=1)).save(out)


def _in_repository(path: Path) -> bool:
    """Say whether git could pick the sheet up."""
    here = Path(__file__).resolve().parents[1]
    inside = path.resolve().is_relative_to(here)
    return inside and path.resolve().relative_to(here).parts[0] not in ("scratch", "demo")


def _grid(radiographs: list[MarkedRadiograph], *, columns: int, masks: bool) -> np.ndarray:
    pictures = [
        _picture(radiograph, masks=masks)
        for radiograph in radiographs[: len(radiographs) // columns * columns]
    ]
    lines = [np.concatenate(pictures[i : i + columns], axis=1) for i in range(0, len(pictures), columns)]
    return np.concatenate(lines)


def _picture(radiograph: MarkedRadiograph, *, masks: bool) -> np.ndarray:
    picture = np.repeat(radiograph.image[..., None], 3, axis=2)
    if masks:
        contours, _ = cv2.findContours(radiograph.mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(picture, contours, -1, ORANGE, 1)
    return picture


if __name__ == "__main__":
    main()
