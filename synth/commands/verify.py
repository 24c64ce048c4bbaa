"""artasyn-synth verify."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from artasyn.data_manifests.cli import say

if TYPE_CHECKING:
    from artasyn.data_manifests.store.blobs import Blobs
    from artasyn.data_manifests.store.version import Version

__all__ = ["verify"]


@click.command(short_help="Compare the files of a version with their digests; repair.")
@click.argument("version")
@click.option(
    "--repair", "mend", is_flag=True, help="Rebuild damaged files from the corpus, to the same bytes."
)
@click.option("--records", is_flag=True, help="Render every record again and compare it with what is stored.")
@click.option("--root", type=click.Path(path_type=Path), help="Where the corpus lies now, if it moved.")
def verify(version: str, mend: bool, records: bool, root: Path | None) -> None:
    """Compare every file of STORE[@TAG] with its digest; exit code 1 where one differs.

    With --records the opacities of a synthetic version are rendered again from their records: the altered image,
    alpha, mask and outline must be the same to the byte.

    \b
    Example:
      artasyn-synth verify ~/stores/chest@first --repair
      artasyn-synth verify ~/stores/chest@first --records
    """
    from artasyn.data_manifests.errors import DamageError
    from artasyn.data_manifests.store.verify import damaged_files, restore_digests
    from artasyn.data_manifests.store.version import Version, locate

    place = locate(version)
    opened = _open(*place, mend=mend)
    try:
        damaged = list(damaged_files(opened))
    except DamageError:
        if not mend:
            raise
        restore_digests(opened)
        say("digests: restored")
        opened = Version(*place)
        damaged = list(damaged_files(opened))
    for key, reason in damaged:
        say(f"{key}: {reason}")
    if damaged and mend:
        for key in _mend(opened, root):
            say(f"{key}: rebuilt")
    elif damaged:
        raise click.ClickException(f"{len(damaged)} of {len(opened.digests)} files are damaged: try --repair")
    else:
        say(f"all {len(opened.digests)} files of {opened.id[:12]} are what was written")
    if records:
        _replay(opened)


def _open(blobs: "Blobs", version_id: str, *, mend: bool) -> "Version":
    """Open the version, its attributes restored from their copy where they are damaged and this is asked for."""
    from artasyn.data_manifests.errors import StoreError
    from artasyn.data_manifests.store.commit import restore_attributes
    from artasyn.data_manifests.store.version import Version

    try:
        return Version(blobs, version_id)
    except StoreError:
        if not mend or not restore_attributes(blobs, version_id):
            raise
    say("zarr.json: restored from its copy")
    return Version(blobs, version_id)


def _mend(version: "Version", root: Path | None) -> list[str]:
    from artasyn.synth.build.plan import replan
    from artasyn.synth.build.repair import repair

    return repair(version, replan(version.attributes, root=root))


def _replay(version: "Version") -> None:
    """Render the records again. Raises ClickException where one gives other bytes."""
    from artasyn.data_manifests.progress import ProgressBar
    from artasyn.synth.versions.replay import replay_records

    rows = (
        [int(row) for row in version.rows(status="ok")] if version.attributes["kind"] == "synthetic" else []
    )
    differing = 0
    with ProgressBar("records") as progress:
        for done, (row, problem) in enumerate(replay_records(version, rows), start=1):
            progress(done, len(rows))
            if problem:
                differing += 1
                say(f"row {row} ({version.table['image_id'][row]}): {problem}")
    if differing:
        raise click.ClickException(
            f"{differing} of {len(rows)} records give other bytes: use the program and libraries that built the version"
        )
    say(f"all {len(rows)} records render to the bytes that are stored")
