"""The options by which a person says what the names of folders and columns do not."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import click

from artasyn.data_manifests.corpora.by_hand import ByHand

__all__ = ["BY_HAND", "by_hand"]


def _words(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(word.strip() for text in texts for word in text.split(",") if word.strip())


def _whole_numbers(_context: click.Context, _option: click.Parameter, text: str) -> tuple[int, ...]:
    words = _words([text])
    if not all(word.isdecimal() for word in words):
        raise click.BadParameter("give whole numbers with commas between, such as 2,3")
    return tuple(sorted({int(word) for word in words}))


BY_HAND = [
    click.option("--label-column", default="", help="Column of the table with the label."),
    click.option("--mask-column", default="", help="Column with the masks' file names."),
    click.option("--patient-column", default="", help="Column with the patient's number."),
    click.option("--split-column", default="", help="Column with the split."),
    click.option(
        "--normal",
        multiple=True,
        metavar="VALUES",
        help="Labels, or names of folders, that are normal, with commas between; all others are abnormal then.",
    ),
    click.option(
        "--normal-dir", default="", help="Folder below CORPUS of the normal images; others are abnormal then."
    ),
    click.option("--mask-dir", default="", help="Folder of the masks, below CORPUS or anywhere."),
    click.option("--lung-mask-dir", default="", help="Folder of the lung masks, below CORPUS or anywhere."),
    click.option(
        "--mask-values",
        default="",
        callback=_whole_numbers,
        metavar="VALUES",
        help="Values of the masks that mark disease, with commas between, where masks have several classes.",
    ),
    click.option(
        "--keep-columns",
        multiple=True,
        metavar="NAMES",
        help="Columns to store beside each image, with commas between; age, sex, view and the like always are.",
    ),
    click.option(
        "--salt-file", default="", help="File with a secret, for patient hashes that nobody can guess."
    ),
    click.option("--assume-normal", is_flag=True, help="Images of which no label is known are normal."),
]
"""For build, ingest and corpora check."""


def by_hand(options: dict[str, Any]) -> ByHand:
    """Return the options of a command that describe the corpus."""
    given = {field.name: options[field.name] for field in fields(ByHand)}
    return ByHand(**given | {name: _words(options[name]) for name in ("normal", "keep_columns")})
