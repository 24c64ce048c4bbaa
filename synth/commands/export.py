"""artasyn-synth export."""

import re
from pathlib import Path

import click

from artasyn.data_manifests.cli import say

__all__ = ["export"]

NNUNET_NAME = re.compile(r"Dataset\d{3}_.+")
"""What nnU-Net calls the folder of a data set: its number has three digits."""


@click.command(short_help="Write a version as PNG, or for nnU-Net, anomalib, COCO.")
@click.argument("version")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--layout",
    type=click.Choice(["png", "nnunet", "mvtec", "coco"]),
    default="png",
    show_default=True,
    help="Which folders and files are written.",
)
def export(version: str, folder: Path, layout: str) -> None:
    """Write STORE[@TAG] into FOLDER as PNG files and a CSV, or in the layout of nnU-Net, MVTec AD (anomalib) or COCO.

    \b
    Example:
      artasyn-synth export ~/stores/chest@first ~/nnUNet_raw/Dataset501_Opacity --layout nnunet
    """
    from artasyn.data_manifests.errors import StoreError
    from artasyn.data_manifests.progress import ProgressBar
    from artasyn.data_manifests.store.version import open_version
    from artasyn.synth.versions.export import HINTS, LAYOUTS, begun

    opened = open_version(version)
    if layout == "nnunet" and not NNUNET_NAME.fullmatch(folder.absolute().name):
        raise StoreError(
            folder, "has a name that nnU-Net does not know", "name it as Dataset501_Opacity is named"
        )
    total = len(opened.rows(status="ok"))
    with begun(folder, f"{opened.id} {layout}"), ProgressBar("exporting") as progress:
        for done in LAYOUTS[layout](opened, folder):
            progress(done, total)
    say(f"wrote {folder}")
    if hint := HINTS[layout].format(name=folder.absolute().name, parent=folder.absolute().parent):
        say(hint)
