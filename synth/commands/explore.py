"""artasyn-synth explore."""

from pathlib import Path

import click

from artasyn.data_manifests.cli import say

__all__ = ["explore"]


@click.command(short_help="Open a page: opacities with sliders, or a version.")
@click.argument("source")
@click.option(
    "--preset",
    default="default",
    show_default=True,
    help="The recipe to start with: default, paper, a published synthesis such as nsa, or a TOML file.",
)
@click.option("--size", type=click.IntRange(64, 2048), help="Pixels a side; else as the recipe says.")
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    help="Folder in which a catalogued corpus, or the corpus of a version, lies.",
)
@click.option("--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
def explore(source: str, preset: str, size: int | None, root: Path | None, port: int) -> None:
    """Show a page on this machine to turn the settings of opacities, and to browse a version.

    SOURCE is a radiograph, a folder, a table, a catalogued corpus, phantom:N, or a version STORE[@TAG]. The page is
    open to this machine alone, writes nothing and sends nothing anywhere. Ctrl-C ends it.

    \b
    Example:
      artasyn-synth explore phantom:8
      artasyn-synth explore ~/radiographs
      artasyn-synth explore ~/stores/chest@first
    """
    from artasyn.synth.explore.serve import explore_source

    explore_source(source, preset=preset, size=size, root=root, port=port, say=say)
