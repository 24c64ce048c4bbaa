"""artasyn-synth verify."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from artasyn.data_manifests.store.version import Version

__all__ = ["verify"]


@click.command()
@click.argument("version")
@click.option(
    "--repair", "mend", is_flag=True, help="Rebuild damaged files from the corpus, to the same bytes."
)
@click.option("--root", type=click.Path(path_type=Path), help="Where the corpus lies now, if it moved.")
def verify(version: str, mend: bool, root: Path | None) -> None:
    """Compare every file of STORE[@TAG] with its digest; exit code 1 where one differs.

    \b
    Example:
      artasyn-synth verify ~/stores/chest@first --repair
    """
    from artasyn.data_manifests.errors import DamageError
    from artasyn.data_manifests.store.verify import damaged_files, restore_digests
    from artasyn.data_manifests.store.version import open_version

    opened = open_version(version)
    try:
        damaged = list(damaged_files(opened))
    except DamageError:
        if not mend:
            raise
        restore_digests(opened)
        click.echo("digests: restored")
        opened = open_version(version)
        damaged = list(damaged_files(opened))
    for key, reason in damaged:
        click.echo(f"{key}: {reason}")
    if damaged and mend:
        for key in _mend(opened, root):
            click.echo(f"{key}: rebuilt")
    elif damaged:
        raise click.ClickException(f"{len(damaged)} of {len(opened.digests)} files are damaged: try --repair")
    else:
        click.echo(f"all {len(opened.digests)} files of {opened.id[:12]} are what was written")


def _mend(version: "Version", root: Path | None) -> list[str]:
    from artasyn.synth.build.plan import replan
    from artasyn.synth.build.repair import repair

    return repair(version, replan(version.attributes, root=root))
