"""artasyn-synth build and ingest."""

import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from data_manifests.contract import Kind
    from synth.plan import Plan

__all__ = ["build", "ingest"]


def _tag(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", value):
        raise click.BadParameter("use letters, digits, dots, dashes and underscores, 64 at most")
    return value


OPTIONS = [
    click.argument("corpus"),
    click.argument("store"),
    click.option("--root", type=click.Path(), default="", help="Folder in which a catalogued corpus lies."),
    click.option("--tag", default="", callback=_tag, help="A name for the version; a tag never moves."),
    click.option("--seed", default=0, show_default=True, help="Everything drawn follows from it."),
    click.option("--preset", default="default", show_default=True, help="default, paper, or a TOML file."),
    click.option("--size", type=int, help="Side of the stored images in pixels, instead of the preset's."),
    click.option("--split", default="", help="Take only this split of the corpus."),
    click.option("--limit", type=click.IntRange(1), help="Take only the first N radiographs."),
    click.option(
        "--workers", type=click.IntRange(0), help="Processes here; 0: none but this. [default: cores]"
    ),
    click.option("--scheduler", default="", help="Address of a running Dask scheduler, tcp://host:port."),
    click.option("--dry-run", is_flag=True, help="Print the plan and stop."),
]


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command()
@_with_options
def build(**options: Any) -> None:
    """Turn the normal radiographs of CORPUS into a version of STORE.

    CORPUS is a name from `artasyn-synth corpora`, a folder, a CSV or TOML manifest, or phantom:N. The same command
    run again goes on where it was stopped.

    \b
    Example:
      artasyn-synth build ~/normal_radiographs ~/stores/chest --tag first
    """
    _make("synthetic", **options)


@click.command()
@_with_options
def ingest(**options: Any) -> None:
    """Bring real radiographs with masks or labels into STORE, for evaluation.

    \b
    Example:
      artasyn-synth ingest covid-qu-ex ~/stores/test --root ~/covid_qu_ex --split test
    """
    _make("evaluation", **options)


def _make(kind: "Kind", **options: Any) -> None:
    from dataclasses import replace

    from data_manifests.blobs import open_blobs
    from synth.config import load_config
    from synth.plan import Selection, make_plan

    config = load_config(options["preset"])
    if options["size"]:
        config = replace(config, size=options["size"])
    selection = Selection(**{key: options[key] for key in ("corpus", "root", "split", "limit")})
    plan = make_plan(selection, kind=kind, config=config, seed=options["seed"])
    draft = plan.draft(open_blobs(options["store"]))
    click.echo(describe_plan(plan, options["store"]))
    if options["dry_run"]:
        return
    if draft.is_committed():
        click.echo("This version exists already; nothing to do.")
    else:
        _run(plan, options)
    if options["tag"]:
        from synth.provenance import create_tag

        create_tag(draft, options["tag"])
    _summarise(options["store"], plan.version_id)


def describe_plan(plan: "Plan", store: str) -> str:
    """Return the plan as text: what goes in, what comes out, under which name."""
    shape, config = plan.shape, plan.recipe.config
    lines = {
        "corpus": f"{plan.recipe.source.name}: {shape.studies} radiographs",
        "version": f"{store}/{plan.version_id[:12]}... ({plan.kind}, seed {plan.recipe.seed})",
        "samples": f"up to {shape.rows} of {shape.size} x {shape.size} pixels ({config.fit}) in {shape.shards} shards",
    }
    return "\n".join(f"{name:>8}  {text}" for name, text in lines.items())


def _run(plan: "Plan", options: dict[str, Any]) -> None:
    from data_manifests.blobs import open_blobs
    from synth.build import build_shards, run_here
    from synth.cluster import available_cores, connect, on_cluster
    from synth.provenance import attributes_of

    draft = plan.draft(open_blobs(options["store"]))
    started = time.monotonic()
    workers = available_cores() if options["workers"] is None else options["workers"]
    workers = min(workers, len(draft.missing_shards()))
    if workers <= 1 and not options["scheduler"]:
        _watch(plan, build_shards(plan, draft, executor=run_here))
    else:
        with connect(workers=workers, scheduler=options["scheduler"]) as client:
            click.echo(f"    Dask  {client.dashboard_link}")
            _watch(plan, build_shards(plan, draft, executor=on_cluster(client)))
    seconds = time.monotonic() - started
    draft.commit(attributes_of(plan, command=sys.argv, seconds=seconds))


def _watch(plan: "Plan", tallies: Any) -> None:
    """Show progress in radiographs while the shards come in."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        "building",
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    total: Counter[str] = Counter()
    with Progress(*columns) as progress:
        bar = progress.add_task("", total=plan.shape.studies, note="")
        for tally in tallies:
            total += tally
            rejected = total["rejected"] // plan.shape.slots
            progress.update(bar, completed=total.total() // plan.shape.slots, note=f"{rejected} rejected")


def _summarise(store: str, version_id: str) -> None:
    from data_manifests.store import open_version
    from synth.summary import summary_table

    version = open_version(f"{store}@{version_id}")
    click.echo(summary_table(version))
    if not len(version.rows(status="ok")):
        raise click.ClickException("no radiograph could be used: see the reasons above")
