"""How a corpus is declared: where its radiographs lie, what makes one normal; docs/how-to/declare-a-corpus.md."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from artasyn.data_manifests.config import config_from_dict, read_toml
from artasyn.data_manifests.corpora.label_rules import ByClass, ByFindings, ByWords
from artasyn.data_manifests.corpora.patterns import check_pattern
from artasyn.data_manifests.errors import ConfigError, CorpusError, did_you_mean

__all__ = [
    "Boxes",
    "Join",
    "Listing",
    "Manifest",
    "Runs",
    "Segments",
    "Source",
    "catalog_names",
    "catalogued",
    "read_manifest",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """A second table whose columns are added to each row."""

    table: str
    """File name, with `*` for what varies."""
    key: str
    """Template that must agree between the rows of both tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A text file that names, one a line, the images for which a column gets a value."""

    file: str
    """File name; with `?` in front it may be missing."""
    key: str
    """Template that makes the line from a row."""
    column: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """Rectangles around findings, one row each."""

    table: str
    """File name; with `?` in front it may be missing."""
    key: str
    """Template that must agree between a box's row and an image's row."""
    columns: tuple[str, ...]
    """x, y, width and height in pixels of the source; or left, top, right and bottom with `corners`; or one column
    that holds a JSON list of such lists."""
    corners: bool = False
    finding: str = ""
    """Template of the finding's name."""

    def __post_init__(self) -> None:
        """Refuse a number of columns that makes no box."""
        if len(self.columns) not in (1, 4):
            raise ConfigError("boxes.columns", f"needs four columns, or one of JSON, got {len(self.columns)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Masks as run lengths in a table: pairs of gap and length down the columns, as SIIM-ACR has them."""

    table: str
    key: str
    column: str
    empty: str = "-1"
    """What stands for a mask without any pixel."""
    starts: bool = False
    """Whether the pairs are first pixel, counted from 1, and length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """Masks as COCO run lengths in a JSON file: key, then finding, then size and counts (CheXlocalize)."""

    file: str
    """File name; with `?` in front it may be missing."""
    key: str
    findings: tuple[str, ...]
    """Findings whose masks are taken: united as the mask, and kept one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A part of a corpus: rows from file names (`files`) or from a CSV (`table`), and what to make of a row."""

    files: str = ""
    """Regular expression for paths below the corpus; its named groups become columns, so does `path`."""
    table: str = ""
    """File name of a CSV (also .gz), with `*` for what varies; found anywhere below the root."""
    image: str = "{path}"
    """Template of the image's path, beside the table; with `**/` in front it is looked for in all folders."""
    by_name: bool = False
    """Whether a path that is not there may mean a file of other case, suffix or folder, where only one is so called."""
    extract: Mapping[str, str] = field(default_factory=dict)
    """Regular expressions by column; their named groups become columns."""
    joins: tuple[Join, ...] = ()
    lists: tuple[Listing, ...] = ()
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Allowed values by column; other rows are out of scope (lateral views, say)."""
    label: str = ""
    """One label for all, where no rule is given: normal, abnormal or unlabelled."""
    by_class: ByClass | None = None
    by_findings: ByFindings | None = None
    by_words: ByWords | None = None
    repeated: bool = False
    """Several rows may tell of one image (readers, boxes); if they disagree on its label it is unlabelled."""
    split: str = ""
    """Template."""
    splits: Mapping[str, str] = field(default_factory=dict)
    """Names of splits that are to read train, val or test."""
    patient: str = ""
    """Template; only its salted hash is kept."""
    mask: str = ""
    """Template, or `?` and a template where not every image has one."""
    mask_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values by column of the rows that have a mask."""
    lung_mask: str = ""
    other_lung_mask: str = ""
    """The second lung, where each lies in its own file."""
    boxes: Boxes | None = None
    runs: Runs | None = None
    segments: Segments | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Templates of the facts that are kept for breakdowns, by name."""

    def __post_init__(self) -> None:
        """Refuse a source without rows, with two label rules, or with a pattern that is none."""
        if bool(self.files) == bool(self.table):
            raise ConfigError("source", "needs either `files` or `table`")
        rules = [r for r in (self.label, self.by_class, self.by_findings, self.by_words) if r]
        if len(rules) != 1:
            raise ConfigError("source", "needs exactly one of label, by_class, by_findings, by_words")
        if self.label not in ("", "normal", "abnormal", "unlabelled"):
            raise ConfigError("label", f"must be normal, abnormal or unlabelled, got {self.label!r}")
        for pattern in (self.files, *self.extract.values()):
            check_pattern(pattern)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A corpus: what it is, whose it is, and how it is read."""

    name: str
    title: str = ""
    homepage: str = ""
    licence: str = ""
    """As the owners state it; says so where it could not be confirmed."""
    citation: str = ""
    notes: str = ""
    """What a user should know before trusting a figure."""
    healthy: str = ""
    """In words: what makes an image normal."""
    masks: str = ""
    """In words: what pixel-level truth there is."""
    expected: Mapping[str, int] = field(default_factory=dict)
    """Counts a full copy gives: images, normal, abnormal, unlabelled, masks, ... as far as they are known."""
    root: str = "."
    """Where the images lie, relative to the manifest's folder."""
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a manifest that could never yield an image."""
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", self.name):
            raise ConfigError("name", f"must be lower-case letters, digits, `.`, `_`, `-`; got {self.name!r}")
        if not self.sources:
            raise ConfigError(self.name, "has no [[sources]]")


def catalog_names() -> tuple[str, ...]:
    """Return the names of the public corpora that can be read."""
    return tuple(sorted(path.name[:-5] for path in _CATALOG.iterdir() if path.name.endswith(".toml")))


@cache
def catalogued(name: str) -> Manifest:
    """Return the manifest of a public corpus. Raises CorpusError for an unknown name."""
    if name not in catalog_names():
        near = did_you_mean(name, catalog_names())
        raise CorpusError(name, "is no corpus of the catalog", near, kind="unknown")
    return read_manifest(Path(str(_CATALOG / f"{name}.toml")))


def read_manifest(path: Path) -> Manifest:
    """Parse a manifest; `sources_of` takes the sources of a catalogued one. Raises ConfigError (file and key)."""
    values = read_toml(path)
    if "sources_of" in values:
        values["sources"] = read_toml(Path(str(_CATALOG / f"{values.pop('sources_of')}.toml")))["sources"]
    return config_from_dict(Manifest, values, where=str(path))


_CATALOG = files("artasyn.data_manifests") / "catalog"
