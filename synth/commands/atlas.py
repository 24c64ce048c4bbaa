"""artasyn-synth atlas."""

from pathlib import Path

import click

from artasyn.data_manifests.cli import check_picture, say

__all__ = ["atlas"]


@click.command()
@click.argument("picture", type=click.Path(path_type=Path, dir_okay=False), callback=check_picture)
@click.option(
    "--image",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Paint on this radiograph; else a phantom.",
)
@click.option(
    "--preset",
    default="default",
    show_default=True,
    help="default, paper, a published synthesis such as nsa or nsa-in-lung, or a TOML file.",
)
@click.option(
    "--brush", type=click.Path(path_type=Path, dir_okay=False), help="A picture to use as the brush tip."
)
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(0), help="Another seed, other opacities."
)
@click.option("--size", default=256, show_default=True, type=click.IntRange(64, 2048), help="Pixels a side.")
def atlas(picture: Path, image: Path | None, preset: str, brush: Path | None, seed: int, size: int) -> None:
    """Render every kind of opacity, faint to dense, into PICTURE.

    \b
    Example:
      artasyn-synth atlas kinds.png --seed 4
    """
    from dataclasses import replace

    from PIL import Image

    from artasyn.synth.atlas.sheet import kinds_sheet, phantom_subject, radiograph_subject
    from artasyn.synth.config import load_config

    config = load_config(preset)
    opacities = config.opacities
    if brush is not None:
        opacities = replace(opacities, brush=replace(opacities.brush, file=str(brush.resolve())))
    grey, labels = (
        phantom_subject(size, seed=seed)
        if image is None
        else radiograph_subject(image, size, config=config.lungs)
    )
    picture.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(kinds_sheet(grey, labels, config=opacities, seed=seed)).save(picture)
    say(f"wrote {picture}")
