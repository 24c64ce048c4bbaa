"""artasyn-synth versions, info and verify."""

import json

import click

__all__ = ["info", "verify", "versions"]


@click.command()
@click.argument("store")
def versions(store: str) -> None:
    """List the versions of STORE.

    \b
    Example:
      artasyn-synth versions ~/stores/chest
    """
    from data_manifests.blobs import open_blobs
    from data_manifests.store import list_tags, list_versions, read_attributes

    blobs = open_blobs(store)
    tags = list_tags(blobs)
    for version_id in list_versions(blobs):
        attributes = read_attributes(blobs, version_id)
        names = ", ".join(tag for tag, target in sorted(tags.items()) if target == version_id) or "-"
        made = attributes.get("provenance", {}).get("created", "?")
        facts = f"{attributes.get('kind', '?'):10}  {attributes.get('studies', '?'):>7} studies  {made}"
        click.echo(f"{version_id[:12]}  {names:16}  {facts}")


@click.command()
@click.argument("version")
@click.option("--json", "as_json", is_flag=True, help="Print all attributes as JSON.")
def info(version: str, as_json: bool) -> None:
    """Tell what STORE[@TAG] holds, what was left out and why, and how it was made.

    \b
    Example:
      artasyn-synth info ~/stores/chest@first
    """
    from data_manifests.store import open_version
    from synth.summary import summary_table

    opened = open_version(version)
    if as_json:
        click.echo(json.dumps(dict(opened.attributes), indent=2))
        return
    click.echo(summary_table(opened))
    made = opened.attributes.get("provenance", {})
    click.echo(
        f"   made  {made.get('created')} in {made.get('seconds')} s by {' '.join(made.get('command', []))}"
    )


@click.command()
@click.argument("version")
def verify(version: str) -> None:
    """Compare every file of STORE[@TAG] with its digest; exit code 1 where one differs.

    \b
    Example:
      artasyn-synth verify ~/stores/chest@first
    """
    from data_manifests.store import open_version
    from data_manifests.verify import damaged_files

    opened = open_version(version)
    damaged = list(damaged_files(opened))
    for key, reason in damaged:
        click.echo(f"{key}: {reason}")
    if damaged:
        raise click.ClickException(f"{len(damaged)} of {len(opened.digests)} files are damaged")
    click.echo(f"all {len(opened.digests)} files of {opened.id[:12]} are what was written")
