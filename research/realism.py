"""Can a network tell synthetic opacities from real ones, and in what do they differ?

    python -m research.realism --root COVID_QU_EX [--epochs 14] [--kinds] [--seed 0] [--out FILE.json]

COVID_QU_EX holds `index.csv` and what it lists. `same_source` is the fair test (see realism_data.py); `other_source`
paints into normals of other hospitals, and `control_*` tells how well two sets *without* any synthetic opacity are
told apart: where a control is high, the test beside it says nothing about opacities.
"""

import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
import cv2
import torch

from artasyn.synth.config import load_config
from artasyn.synth.opacities import OpacityConfig
from artasyn.synth.opacities.kinds.registry import KINDS
from research.realism_cnn import tell_apart
from research.realism_data import Crops, MarkedRadiograph, crops_of, free_lungs, paint, read_radiographs
from research.realism_features import describe, distances


@click.command(help=__doc__)
@click.option(
    "--root", type=click.Path(path_type=Path, exists=True), required=True, help="Folder of radiographs."
)
@click.option("--epochs", default=14, help="Passes of the classifier over its crops.")
@click.option("--kinds", is_flag=True, help="Test every kind by itself as well.")
@click.option("--preset", "presets", multiple=True, default=("paper", "default"), help="Preset or TOML file.")
@click.option("--seed", default=0, help="Which opacities are drawn.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the figures as JSON.")
def main(root: Path, epochs: int, kinds: bool, presets: tuple[str, ...], seed: int, out: Path | None) -> None:
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    start = time.process_time()
    diseased, normal = read_radiographs(root, "COVID-19"), read_radiographs(root, "Normal")[::2]
    configs = {preset: load_config(preset).opacities for preset in presets}
    if kinds:
        default = load_config("default").opacities
        configs |= {f"default: {kind} only": replace(default, kinds={kind: 1.0}) for kind in KINDS}
    real = crops_of(diseased, lambda radiograph: radiograph.mask, each=3)
    figures: dict[str, Any] = {"controls": _controls(diseased, normal, real, epochs=epochs)}
    description = describe(diseased, real)
    figures["real"] = description
    for name, config in configs.items():
        figures[name] = _judge(
            config, diseased, normal, real, description, epochs=epochs, seed=seed, whole=name in presets
        )
        click.echo(f"{name}: {json.dumps(figures[name].get('same_source'))}", err=True)
    figures["cpu_minutes"] = round((time.process_time() - start) / 60, 1)
    text = json.dumps(figures, indent=1)
    click.echo(text)
    if out:
        out.write_text(text + "\n", encoding="utf-8")


def _controls(
    diseased: list[MarkedRadiograph], normal: list[MarkedRadiograph], real: Crops, *, epochs: int
) -> dict[str, Any]:
    free = crops_of(free_lungs(diseased), lambda radiograph: radiograph.labels > 0, each=2)
    clear = crops_of(normal, lambda radiograph: radiograph.labels > 0, each=2)
    return {
        "real_opacity_against_free_lung_same_source": _rounded(tell_apart(real, free, epochs=epochs)),
        "free_lung_against_normal_lung_other_source": _rounded(tell_apart(free, clear, epochs=epochs)),
    }


def _judge(
    config: OpacityConfig,
    diseased: list[MarkedRadiograph],
    normal: list[MarkedRadiograph],
    real: Crops,
    description: dict[str, Any],
    *,
    epochs: int,
    seed: int,
    whole: bool,
) -> dict[str, Any]:
    """Run the fair test; for whole presets also the unfair one and the distances of features."""
    same = crops_of(
        paint(free_lungs(diseased), config, seed=seed, times=4), lambda radiograph: radiograph.mask, each=1
    )
    result: dict[str, Any] = {"crops": len(same.pixels)}
    if len(same.pixels) >= 60:
        result["same_source"] = _rounded(tell_apart(real, same, epochs=epochs))
    if whole:
        painted = paint(normal, config, seed=seed)
        other = crops_of(painted, lambda radiograph: radiograph.mask, each=2)
        result["other_source"] = _rounded(tell_apart(real, other, epochs=epochs))
        own = describe(painted, same)
        result |= {"description": own, "distances_to_real": distances(description, own)}
    return result


def _rounded(result: Any) -> dict[str, Any]:
    return {k: round(v, 3) if isinstance(v, float) else v for k, v in asdict(result).items()}


if __name__ == "__main__":
    main()
