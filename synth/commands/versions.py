"""artasyn-synth versions, info, diff and rm."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artasyn.data_manifests.cli import FORCE, say

if TYPE_CHECKING:
    from artasyn.data_manifests.store.blobs import Blobs

__all__ = ["diff", "info", "rm", "versions"]

MEASURED = 400
"""Samples whose masks `info` measures, at most."""


@click.command(short_help="List the versions of a store.")
@click.argument("store")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: id, tags, kind, studies, created.")
def versions(store: str, as_json: bool) -> None:
    """List the versions of STORE.

    \b
    Example:
      artasyn-synth versions ~/stores/chest
    """
    from artasyn.data_manifests.errors import StoreError, check_path
    from artasyn.data_manifests.store.blobs import open_blobs
    from artasyn.data_manifests.store.references import list_drafts, list_tags, list_versions

    if "://" not in store and not Path(store).is_dir():
        raise StoreError(store, "is no folder", check_path(store))
    blobs = open_blobs(store)
    tags = list_tags(blobs)
    lines = []
    for version_id in list_versions(blobs):
        names = [tag for tag, target in sorted(tags.items()) if target == version_id]
        lines.append({"id": version_id, "tags": names, **_facts(blobs, version_id)})
    if as_json:
        say(json.dumps(lines, indent=2), whole=True)
        return
    drafts = list_drafts(blobs)
    if not (lines or tags or drafts):
        say(f"{store} holds no version: give the STORE that `artasyn-synth build` or `ingest` wrote")
    for line in lines:
        say(f"{line['id'][:12]}  {', '.join(line['tags']) or '-':16}  {_told(line)}")
    for tag in sorted(tag for tag, target in tags.items() if not target):
        say(f"tag {tag} is damaged: delete {store}/tags/{tag}.json and tag the version again")
    for version_id in drafts:
        say(f"{version_id[:12]}  unfinished: the same command goes on, `rm --unfinished` removes it")


def _facts(blobs: "Blobs", version_id: str) -> dict[str, Any]:
    """Return what one version holds, or that it is damaged: one must not hide the others."""
    from artasyn.data_manifests.errors import DamageError
    from artasyn.data_manifests.store.commit import check_seal, read_attributes
    from artasyn.data_manifests.store.contract import CONTRACT_VERSION

    try:
        attributes = read_attributes(blobs, version_id)
        if attributes.get("contract") == CONTRACT_VERSION:
            check_seal(version_id, attributes)
    except DamageError:
        return {"damaged": True}
    made = attributes.get("provenance", {}).get("created", "?")
    facts = {"kind": attributes.get("kind", "?"), "studies": attributes.get("studies", "?"), "created": made}
    contract = attributes.get("contract")
    return facts if contract == CONTRACT_VERSION else facts | {"contract": contract}


def _told(line: dict[str, Any]) -> str:
    if "damaged" in line:
        return "damaged: `artasyn-synth verify --repair` says more"
    other = f"  of store contract {line['contract']}: not read by this program" if "contract" in line else ""
    return f"{line['kind']:10}  {line['studies']:>7} studies  {line['created']}{other}"


@click.command(short_help="Tell what a version holds and what was left out, and why.")
@click.argument("version")
@click.option("--json", "as_json", is_flag=True, help="Print all attributes as JSON.")
@click.option("--card", "as_card", is_flag=True, help="Print the data set card, and where it lies.")
@click.option(
    "--left-out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a CSV that lists every chosen image that was left out, and why.",
)
@FORCE
def info(version: str, as_json: bool, as_card: bool, left_out: Path | None, *, force: bool) -> None:
    """Tell what STORE[@TAG] holds, how exact its masks are, what was left out and why, and how it was made.

    \b
    Example:
      artasyn-synth info ~/stores/chest@first --left-out left_out.csv
    """
    from artasyn.data_manifests.files import csv_text
    from artasyn.data_manifests.outputs import write_single
    from artasyn.data_manifests.store.version import open_version
    from artasyn.synth.versions.card import card, card_key
    from artasyn.synth.versions.mask_shares import measure_shares
    from artasyn.synth.versions.summary import left_out_rows, summary_table

    opened = open_version(version)
    if as_json:
        say(json.dumps(dict(opened.attributes), indent=2), whole=True)
        return
    if as_card:
        say(card(opened))
        say(f"{opened.blobs.location}/{card_key(opened)}", err=True)
        return
    say(summary_table(opened))
    if opened.attributes["kind"] == "synthetic":
        say(measure_shares(opened, samples=MEASURED))
    if left_out:
        rows = left_out_rows(opened)
        write_single(left_out, csv_text(rows).encode("utf-8"), force=force)
        say(f"   wrote {len(rows) - 1} images left out to {left_out}")
    made = opened.attributes.get("provenance", {})
    say(f"   made  {made.get('created')} in {made.get('seconds')} s by {' '.join(made.get('command', []))}")


@click.command(short_help="Tell how two versions differ.")
@click.argument("first")
@click.argument("second")
def diff(first: str, second: str) -> None:
    """Tell how two versions differ; exit code 1 where they do.

    \b
    Example:
      artasyn-synth diff ~/stores/chest@first ~/stores/chest@second
    """
    from artasyn.data_manifests.store.version import open_version
    from artasyn.synth.versions.diff import differences

    lines = differences(open_version(first), open_version(second))
    for line in lines:
        say(line)
    if not lines:
        say("the contents are equal")
    raise SystemExit(bool(lines))


@click.command(short_help="Remove a version, for good.")
@click.argument("version")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--unfinished", is_flag=True, help="Remove the unfinished builds of STORE, no version.")
def rm(version: str, yes: bool, unfinished: bool) -> None:
    """Remove the version STORE[@TAG] with its tags, for good.

    \b
    Example:
      artasyn-synth rm ~/stores/chest@first
    """
    from artasyn.data_manifests.store.references import remove_version
    from artasyn.data_manifests.store.version import locate

    if unfinished:
        _remove_unfinished(version, yes)
        return
    blobs, version_id = locate(version)  # not opened: it may be damaged, or of another release
    if not yes:
        facts = _facts(blobs, version_id)
        held = ", which is damaged" if "damaged" in facts else f" with {facts['studies']} studies"
        click.confirm(f"Remove version {version_id[:12]}{held}?", abort=True)
    remove_version(blobs, version_id)
    say(f"removed {version_id[:12]}")


def _remove_unfinished(store: str, yes: bool) -> None:
    from artasyn.data_manifests.store.blobs import open_blobs
    from artasyn.data_manifests.store.references import list_drafts, remove_draft

    blobs = open_blobs(store)
    for version_id in list_drafts(blobs):
        if yes or click.confirm(f"Remove what was built of {version_id[:12]}? No build of it may be running"):
            remove_draft(blobs, version_id)
            say(f"removed {version_id[:12]}")
