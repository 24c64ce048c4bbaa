"""artasyn-synth gallery."""

from pathlib import Path

import click

from artasyn.data_manifests.cli import FORCE, check_picture, say

__all__ = ["gallery"]


@click.command(short_help="Render a sheet of samples of a version.")
@click.argument("version")
@click.argument("picture", type=click.Path(path_type=Path, dir_okay=False), callback=check_picture)
@click.option("--count", default=12, show_default=True, type=click.IntRange(1, 400), help="Samples to show.")
@click.option(
    "--columns", default=2, show_default=True, type=click.IntRange(1, 20), help="Samples beside each other."
)
@FORCE
def gallery(version: str, picture: Path, count: int, columns: int, *, force: bool) -> None:
    """Render samples of STORE[@TAG] into PICTURE: image, lung fields, image with opacity, mask and outline.

    \b
    Example:
      artasyn-synth gallery ~/stores/chest@first gallery.png --count 24
    """
    from artasyn.data_manifests.errors import StoreError
    from artasyn.data_manifests.picture_files import write_picture
    from artasyn.data_manifests.store.version import open_version
    from artasyn.synth.versions.gallery import gallery_sheet

    opened = open_version(version)
    if not len(opened.rows(status="ok")):
        raise StoreError(version, "holds no sample to show", "`artasyn-synth info` tells why")
    write_picture(picture, gallery_sheet(opened, count=count, columns=columns), force=force)
    say(f"wrote {picture}")
