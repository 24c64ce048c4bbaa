"""artasyn-synth build and ingest."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from artasyn.data_manifests.cli import say, say_next, with_options
from artasyn.data_manifests.heavy_imports import heavy_imports
from artasyn.synth.commands.by_hand import BY_HAND, by_hand
from artasyn.synth.commands.plan_in_words import describe_cost, describe_plan

if TYPE_CHECKING:
    from artasyn.data_manifests.store.contract import Kind
    from artasyn.data_manifests.store.version import Version
    from artasyn.synth.build.plan import Plan

__all__ = ["build", "ingest"]


def _tag(_context: click.Context, _option: click.Parameter, value: str) -> str:
    from artasyn.data_manifests.store.references import TAG

    if value and not TAG.fullmatch(value):
        raise click.BadParameter("use letters, digits, dots, dashes and underscores, 64 at most")
    return value


OPTIONS: list[Callable[..., Any]] = [
    click.argument("corpus"),
    click.argument("store"),
    click.option("--root", type=click.Path(), default="", help="Folder in which a catalogued corpus lies."),
    click.option("--tag", default="", callback=_tag, help="A name for the version; a tag never moves."),
    click.option(
        "--seed",
        default=0,
        show_default=True,
        type=click.IntRange(0),
        help="Seed of every random draw.",
    ),
    click.option(
        "--preset",
        default="default",
        show_default=True,
        help="default, paper, a published synthesis such as nsa or nsa-in-lung, or a TOML file.",
    ),
    click.option("--size", type=int, help="Side of the stored images in pixels, instead of the preset's."),
    click.option(
        "--squaring",
        type=click.Choice(["squeeze", "pad"]),
        help="How an oblong image becomes square, instead of the preset's: stretched, or with black borders.",
    ),
    click.option("--split", default="", help="Take only this split of the corpus."),
    *BY_HAND,
    click.option(
        "--workers",
        type=click.IntRange(0),
        help="Processes on this machine; 0: this one alone. [default: cores]",
    ),
    click.option("--scheduler", default="", help="Address of a running Dask scheduler, tcp://host:port."),
    click.option("--dry-run", is_flag=True, help="Print the plan and its likely cost, and stop."),
]


def _limit(words: str) -> Callable[..., Any]:
    return click.option("--limit", type=click.IntRange(1), help=f"Take only {words}.")


PASSED_ON = ("tag", "seed", "preset", "size", "squaring", "limit", "workers", "scheduler")
"""Options that mean the same of a folder and of a table of its images."""


@click.command(short_help="Paint opacities into normal radiographs: a new version.")
@with_options(*OPTIONS, _limit("the first N radiographs, by id"))
def build(**options: Any) -> None:
    """Turn the normal radiographs of CORPUS into a version of STORE.

    CORPUS is a name from `artasyn-synth corpora`, a folder, a CSV or TOML manifest, or phantom:N. The same command
    run again goes on where it was stopped.

    \b
    Example:
      artasyn-synth build ~/normal_radiographs ~/stores/chest --tag first
    """
    _make("synthetic", **options)


@click.command(short_help="Bring real images into a store, to score runs on them.")
@with_options(*OPTIONS, _limit("N radiographs, evenly spaced by id"))
def ingest(**options: Any) -> None:
    """Bring real radiographs with labels, masks or boxes into a version of STORE, to score runs on them.

    CORPUS is a name from `artasyn-synth corpora`, a folder, a CSV or TOML manifest, or phantom:N. Nothing is painted:
    of a preset only size and squaring matter. Use those of the version that the run was trained on.

    \b
    Example:
      artasyn-synth ingest covid-qu-ex ~/stores/test --root ~/covid_qu_ex --split test
    """
    _make("evaluation", **options)


def _make(kind: "Kind", **options: Any) -> None:
    with heavy_imports():
        from artasyn.data_manifests.errors import StoreError
        from artasyn.data_manifests.store.blobs import open_blobs
        from artasyn.data_manifests.store.version import open_version
        from artasyn.synth.build.provenance import check_tag, create_tag
        from artasyn.synth.commands.run_build import run_build
        from artasyn.synth.versions.card import has_card, write_card

    if "@" in Path(options["store"]).name:
        raise StoreError(options["store"], "names a version", "give the STORE alone, and its tag with --tag")
    plan = _plan(kind, options)
    draft = plan.draft(open_blobs(options["store"]))
    say(describe_plan(plan, options["store"]))
    if plan.table:
        _offer_table(plan.table, options)
    if options["dry_run"]:
        say(describe_cost(plan, _processes(options["workers"])))
        return
    if options["tag"]:
        check_tag(draft, options["tag"])
    rate = ""
    if draft.is_committed():
        draft.settle()
        say("This version exists already; nothing to do.")
    else:
        rate = run_build(plan, draft, workers=_processes(options["workers"]), scheduler=options["scheduler"])
    if options["tag"]:
        create_tag(draft, options["tag"])
    version = open_version(f"{options['store']}@{plan.version_id}")
    if not has_card(version):  # a version that exists may lie where nothing can be written any more
        write_card(version)
    _summarise(version, rate)


def _offer_table(table: str, options: dict[str, Any]) -> None:
    """Print the same command with the table in place of the folder; what is said by hand is said of the folder."""
    context = click.get_current_context()
    say(f"    table  {Path(table).name} names these images too; to read it in place of the folder:")
    given = [
        [param.opts[0], *([] if options[name] is True else [str(options[name])])]
        for param in context.command.params
        if (name := param.name or "") in PASSED_ON
        and context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    words = ["artasyn-synth", str(context.info_name), table, options["store"], "--root", options["corpus"]]
    say_next(" " * 11, *words, *itertools.chain(*given))


def _plan(kind: "Kind", options: dict[str, Any]) -> "Plan":
    from dataclasses import replace

    from artasyn.data_manifests.progress import ProgressBar
    from artasyn.synth.build.plan import make_plan
    from artasyn.synth.build.selection import Selection
    from artasyn.synth.config import load_config

    config = load_config(options["preset"])
    given = {name: options[name] for name in ("size", "squaring") if options[name] is not None}
    config = replace(config, **given)
    selection = Selection(
        corpus=_lasting(options["corpus"]),
        root=str(Path(options["root"]).absolute()) if options["root"] else "",
        split=options["split"],
        limit=options["limit"],
        hand=by_hand(options),
    )
    with ProgressBar("reading") as progress:
        return make_plan(selection, kind=kind, config=config, seed=options["seed"], progress=progress)


def _lasting(corpus: str) -> str:
    """Return a path that still says where the corpus is when a repair starts in another folder."""
    from artasyn.data_manifests.corpora.manifest import catalog_names

    path = Path(corpus)
    return str(path.absolute()) if corpus and path.exists() and corpus not in catalog_names() else corpus


def _processes(workers: int | None) -> int:
    from artasyn.data_manifests.workers import available_cores

    return available_cores() if workers is None else workers


def _summarise(version: "Version", rate: str) -> None:
    from artasyn.data_manifests.store.references import list_tags
    from artasyn.synth.versions.summary import outcome_table

    say(outcome_table(version))
    if rate:
        say(f"   rate  {rate}")
    tags = list_tags(version.blobs)
    name = next((tag for tag in sorted(tags) if tags[tag] == version.id), version.id[:12])
    say_next("   next  ", "artasyn-synth", "gallery", f"{version.blobs.location}@{name}", "gallery.png")
    if not len(version.rows(status="ok")):
        raise click.ClickException("no radiograph could be used: see the reasons above")
