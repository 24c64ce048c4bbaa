"""artasyn-synth atlas."""

from pathlib import Path

import click

from artasyn.data_manifests.cli import FORCE, check_picture, say

__all__ = ["atlas"]


@click.command(short_help="Render a sheet of every kind of opacity, faint to dense.")
@click.argument("picture", type=click.Path(path_type=Path, dir_okay=False), callback=check_picture)
@click.option(
    "--image",
    "images",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Paint on this radiograph; else a phantom. Give it several times with --rivals.",
)
@click.option(
    "--rivals",
    is_flag=True,
    help="The preset beside all published syntheses, on the same radiographs; else on three phantoms.",
)
@click.option(
    "--preset",
    default="default",
    show_default=True,
    help="default, paper, a published synthesis such as nsa or nsa-in-lung, or a TOML file.",
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    metavar="NAME",
    help="Only this kind, also one that the preset leaves out. May be repeated.",
)
@click.option(
    "--brush", type=click.Path(path_type=Path, dir_okay=False), help="A picture to use as the brush tip."
)
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(0), help="Another seed, other opacities."
)
@click.option("--size", default=256, show_default=True, type=click.IntRange(64, 2048), help="Pixels a side.")
@FORCE
def atlas(
    picture: Path,
    images: tuple[Path, ...],
    rivals: bool,
    preset: str,
    kinds: tuple[str, ...],
    brush: Path | None,
    seed: int,
    size: int,
    *,
    force: bool,
) -> None:
    """Render every kind of opacity of a preset, faint to dense, into PICTURE.

    \b
    Example:
      artasyn-synth atlas kinds.png --seed 4
      artasyn-synth atlas collapse.png --kind collapse --image chest.png
      artasyn-synth atlas rivals.png --rivals --image a.png --image b.png
    """
    from dataclasses import replace

    from artasyn.data_manifests.picture_files import write_picture
    from artasyn.synth.atlas.rivals_sheet import rivals_sheet
    from artasyn.synth.atlas.sheet import kinds_sheet, known_kinds, phantom_subject, radiograph_subject
    from artasyn.synth.config import load_config

    if len(images) > 1 and not rivals:
        raise click.UsageError("more than one --image needs --rivals")
    config = load_config(preset)
    opacities = config.opacities
    if kinds:
        opacities = replace(opacities, kinds=known_kinds(kinds))
    if brush is not None:
        opacities = replace(opacities, brush=replace(opacities.brush, file=str(brush.resolve())))
    subjects = [radiograph_subject(path, size, config=config.lungs) for path in images]
    if not subjects:
        subjects = [phantom_subject(size, seed=seed + k) for k in range(3 if rivals else 1)]
    if rivals:
        sheet = rivals_sheet(subjects, config=opacities, seed=seed)
    else:
        sheet = kinds_sheet(*subjects[0], config=opacities, seed=seed)
    write_picture(picture, sheet, force=force)
    say(f"wrote {picture}")
