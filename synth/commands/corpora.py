"""artasyn-synth corpora: which public sets can be read, and whether a copy of one is whole."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from artasyn.data_manifests.cli import say, with_options
from artasyn.data_manifests.errors import CorpusError
from artasyn.synth.commands.by_hand import BY_HAND, by_hand

__all__ = ["corpora"]

WORDS = {"all_rows": "rows in all", "out_of_scope": "left out by rule", "skipped": "not usable"}
ORDER = ("all_rows", "images", "normal", "abnormal", "unlabelled", "patients", "masks", "lung_masks", "boxes")
ALWAYS = ("images", "normal", "abnormal")
"""Counts that are told also where they are 0."""
FACTS = ("title", "homepage", "licence", "citation", "healthy", "masks", "notes")


class _Catalog(click.Group):
    """A group in which each corpus is a command that describes it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return `check` and the catalogued names."""
        from artasyn.data_manifests.corpora.manifest import catalog_names

        return [*super().list_commands(ctx), *catalog_names()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command that describes a corpus."""
        from artasyn.data_manifests.corpora.manifest import catalogued

        known = super().get_command(ctx, cmd_name)
        if known is not None:
            return known
        try:
            manifest = catalogued(cmd_name)
        except CorpusError as error:
            raise click.ClickException(str(error)) from error
        return click.Command(cmd_name, callback=lambda: _describe(cmd_name), short_help=manifest.title)


@click.group(
    cls=_Catalog, invoke_without_command=True, short_help="List the public corpora that can be read."
)
@click.pass_context
def corpora(ctx: click.Context) -> None:
    """List the public corpora that can be read; with a NAME, tell what it is and where to get it.

    \b
    Example:
      artasyn-synth corpora
      artasyn-synth corpora chexpert
      artasyn-synth corpora check chexpert --root /data/CheXpert-v1.0
    """
    if ctx.invoked_subcommand is None:
        _list()


@corpora.command()
@click.argument("corpus")
@click.option("--root", type=click.Path(path_type=Path), help="Folder in which a catalogued corpus lies.")
@click.option(
    "--decode", default=24, show_default=True, help="Decode so many images on trial, evenly spread."
)
@click.option("--examples", default=3, show_default=True, help="Show so many examples of each fault.")
@with_options(*BY_HAND)
def check(corpus: str, root: Path | None, decode: int, examples: int, **options: Any) -> None:
    """Report what of CORPUS is there, missing or odd; exit code 1 where anything is.

    CORPUS is a name of the catalog, a folder, a .csv or a .toml manifest.

    \b
    Example:
      artasyn-synth corpora check montgomery --root /data/MontgomerySet
    """
    from artasyn.data_manifests.corpora.check import check_corpus
    from artasyn.data_manifests.corpora.corpus import open_corpus

    if corpus.startswith("phantom:"):
        raise CorpusError(corpus, "is drawn on the spot: nothing of it can be missing")
    opened = open_corpus(corpus, root, by_hand(options))
    found = check_corpus(opened, decode=decode)
    say(f"{opened.name} in {opened.root}")
    for name in sorted(found.counts, key=_place):
        number, wanted = found.counts[name], found.expected.get(name)
        if number or wanted or name in ALWAYS:
            full = f"   (a full copy: {wanted:,})" if wanted is not None else ""
            say(f"  {WORDS.get(name, name).replace('_', ' '):22} {number:>9,}{full}")
    for rule, number in sorted(opened.out_of_scope.items()):
        say(f"  left out by rule, {rule}: {number:,}")
    for name, sentence in opened.understood.lines().items():
        say(f"  {name}: {sentence}")
    say(f"  {found.decoded} images decoded on trial")
    _show_odd(found.odd, examples)
    raise SystemExit(1 if found.odd else 0)


def _place(name: str) -> tuple[int, str]:
    """Return where a count stands: the known ones first, then those of splits by their names."""
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def _show_odd(odd: tuple[Any, ...], examples: int) -> None:
    if not odd:
        say("Nothing is missing or odd.")
    for kind, number in Counter(entry.kind for entry in odd).items():
        say(f"{kind}: {number:,}")
        for entry in [entry for entry in odd if entry.kind == kind][:examples]:
            say(f"  {entry.subject}: {entry.message}")


def _list() -> None:
    from artasyn.data_manifests.corpora.manifest import catalog_names, catalogued

    for name in catalog_names():
        say(f"{name:22} {catalogued(name).title}")
    say(
        "\nAlso: a folder of images, a .csv, a .toml manifest, phantom:N. See docs/reference/folders-and-tables.md."
    )


def _describe(name: str) -> None:
    from artasyn.data_manifests.corpora.layout import layout_lines
    from artasyn.data_manifests.corpora.manifest import catalogued

    manifest = catalogued(name)
    say(name)
    for fact in FACTS:
        say(f"  {fact:9} {' '.join(getattr(manifest, fact).split())}")
    for line in layout_lines(manifest):
        say(f"  layout    {line}")
    for what, number in manifest.expected.items():
        say(f"  expected  {what}: {number:,}")
