"""Decide what a version will hold before anything is made: plan, print, run."""

import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from artasyn.data_manifests.config import config_from_dict, config_to_dict, digest
from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.manifest import catalog_names
from artasyn.data_manifests.corpora.radiograph import Radiograph, Skipped
from artasyn.data_manifests.errors import CorpusError
from artasyn.data_manifests.store.blobs import Blobs
from artasyn.data_manifests.store.contract import CONTRACT_VERSION, Kind, Shape, lay_out
from artasyn.data_manifests.store.draft import Draft
from artasyn.synth.build.fitness import counts_of, nothing_chosen, refuse_doubtful, said_of
from artasyn.synth.build.program_digest import library_versions, program_digest
from artasyn.synth.build.second_image import pool_of
from artasyn.synth.build.study import Recipe
from artasyn.synth.config import SynthConfig
from artasyn.synth.opacities.brush.tips import tip_digest
from artasyn.synth.opacities.kinds.registry import kind_named
from artasyn.synth.opacities.rivals.registry import is_rival
from artasyn.synth.sources.source import Source, content_digest, open_source

__all__ = ["Plan", "Selection", "make_plan", "replan", "selection_of"]

READERS = 8
BATCH = 512
"""Files handed to the readers at a time: the queue of a large corpus would fill the memory."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which radiographs of which corpus."""

    corpus: str
    """A catalog name, folder, CSV, TOML manifest, or phantom:N."""
    root: str = ""
    """Folder in which a catalogued corpus lies; empty where `corpus` says it all."""
    split: str = ""
    """One split of the corpus. Empty: train for a synthetic version, where the corpus has such a split, and all but
    train for an evaluation version."""
    limit: int | None = None
    """At most so many."""
    hand: ByHand = field(default_factory=ByHand)
    """What a person says of an undeclared folder or table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A version to be made: what goes in, how, and under which name."""

    kind: Kind
    recipe: Recipe
    entries: tuple[Radiograph | Skipped, ...]
    """One a study, in order of the image ids."""
    contents: tuple[str, ...]
    """Of each entry, the digest of what it says and of the bytes of its files, as they were when the plan was made."""
    ingredients: dict[str, Any]
    """What the bytes follow from; its digest is the id."""
    corpus: dict[str, Any]
    """What the corpus says of itself."""
    selection: Selection
    """How to find the same radiographs again."""
    left_aside: Mapping[str, int]
    """How many radiographs of the corpus are of another label or split, or beyond the limit."""
    understood: Mapping[str, str]
    """What was made of the corpus, one sentence each: its counts, then which column or folder tells what."""

    @property
    def radiographs(self) -> int:
        """Return how many entries can be tried; the others are listed with what is wrong with them."""
        return sum(isinstance(entry, Radiograph) for entry in self.entries)

    @property
    def version_id(self) -> str:
        """Return the name of the version: the digest of all it is made from."""
        return digest(self.ingredients)

    @property
    def shape(self) -> Shape:
        """Return the layout of the samples."""
        slots = len(self.recipe.config.opacities.variants) if self.kind == "synthetic" else 1
        return lay_out(len(self.entries), slots=slots, size=self.recipe.config.size)

    def draft(self, blobs: Blobs) -> Draft:
        """Return the version as something to be written below `blobs`."""
        return Draft(blobs, self.version_id, self.shape)


def make_plan(
    selection: Selection, *, kind: Kind, config: SynthConfig, seed: int, progress: Progress | None = None
) -> Plan:
    """Select the radiographs and give the version its name; every selected file is read once.

    Raises CorpusError where nothing is left, ConfigError where the settings name what is not there.
    """
    _check(config)
    source = open_source(selection.corpus, Path(selection.root) if selection.root else None, selection.hand)
    refuse_doubtful(source, kind)
    chosen = list(_select(source, kind, selection.split))
    if not chosen:
        raise nothing_chosen(source, kind, selection.split)
    entries = _first([*chosen, *source.skipped], selection.limit)
    contents = tuple(_contents(entries, progress))
    ingredients = {
        "kind": kind,
        "contract": CONTRACT_VERSION,
        "corpus": hashlib.sha256("".join(contents).encode()).hexdigest(),
        "config": config_to_dict(config),
        "files": [tip_digest(path) for path in _config_files(config)],
        "seed": seed,
        "code": program_digest(),
        "libraries": library_versions(),
    }
    return Plan(
        kind=kind,
        recipe=Recipe(
            source=source.reader(),
            config=config,
            seed=seed,
            pool=pool_of(entries, contents, config.opacities, seed=seed) if kind == "synthetic" else (),
        ),
        entries=entries,
        contents=contents,
        ingredients=ingredients,
        corpus=source.describe(),
        selection=selection,
        left_aside=_left_aside(source, chosen, entries),
        understood=counts_of(source) | said_of(source, kind),
    )


def replan(attributes: Mapping[str, Any], *, root: Path | None = None) -> Plan:
    """Plan the version with these attributes once more, its corpus perhaps at another root now."""
    selection = selection_of(attributes, root=root)
    config = config_from_dict(SynthConfig, attributes["config"])
    return make_plan(selection, kind=attributes["kind"], config=config, seed=attributes["seed"])


def selection_of(attributes: Mapping[str, Any], *, root: Path | None = None) -> Selection:
    """Return what the version with these attributes was made of, its corpus perhaps at another root now."""
    selection = config_from_dict(Selection, attributes["selection"], where="selection")
    selection = replace(selection, corpus=_at_home(selection.corpus), root=_at_home(selection.root))
    return selection if root is None else _moved(selection, root)


def _at_home(path: str) -> str:
    """Undo what keeps the owner's name out of a version."""
    return str(Path(path).expanduser()) if path.startswith("~/") else path


def _moved(selection: Selection, root: Path) -> Selection:
    """Return the selection from a corpus that lies below `root` now; a plain folder is its own declaration."""
    if selection.corpus in catalog_names():
        return replace(selection, root=str(root))
    if not selection.corpus.endswith((".csv", ".csv.gz", ".toml")):
        return replace(selection, corpus=str(root))
    declaration = Path(selection.corpus)
    if not declaration.exists():
        declaration = root / declaration.name
    return replace(selection, corpus=str(declaration), root=str(root))


def _select(source: Source, kind: Kind, split: str) -> Iterator[Radiograph]:
    splits = {r.split for r in source.radiographs}
    if split and split not in splits:
        raise CorpusError(source.name, f"has no split `{split}`", f"its splits: {', '.join(sorted(splits))}")
    # Whoever builds from a plain folder says by that that its images are normal.
    healthy = "unlabelled" if source.understood.plain else "normal"
    for radiograph in source.radiographs:
        if kind == "synthetic" and radiograph.label != healthy:
            continue
        if split:
            wanted = radiograph.split == split
        elif kind == "synthetic":
            wanted = radiograph.split == "train" or "train" not in splits
        else:
            wanted = radiograph.split != "train"
        if wanted:
            yield radiograph


def _check(config: SynthConfig) -> None:
    """Raise ConfigError for a kind of opacity that there is not: better now than image by image."""
    for name in config.opacities.kinds:
        if not is_rival(name):
            kind_named(name)


def _first(entries: Sequence[Radiograph | Skipped], limit: int | None) -> tuple[Radiograph | Skipped, ...]:
    """Return the entries by id up to the radiograph that makes the limit full, those skipped on the way included."""
    ordered = sorted(entries, key=lambda entry: entry.image_id)
    counts = itertools.accumulate(isinstance(entry, Radiograph) for entry in ordered)
    return tuple(
        entry
        for entry, count in zip(ordered, counts, strict=True)
        if limit is None or count <= limit - isinstance(entry, Skipped)
    )


def _left_aside(
    source: Source, chosen: Sequence[Radiograph], entries: Sequence[Radiograph | Skipped]
) -> dict[str, int]:
    """Count by label, and by split where that is all that differs, what the version does not take."""
    taken, within = {r.image_id for r in chosen}, {entry.image_id for entry in entries}
    labels = {radiograph.label for radiograph in chosen}
    others = [radiograph for radiograph in source.radiographs if radiograph.image_id not in taken]
    counts = Counter(r.label if r.label not in labels else f"of split {r.split or 'none'}" for r in others)
    return dict(counts + Counter({"beyond the limit": len(taken - within)}))


def _contents(entries: Sequence[Radiograph | Skipped], progress: Progress | None) -> Iterator[str]:
    """Yield the digest of each entry."""
    with ThreadPoolExecutor(READERS) as pool:
        for first in range(0, len(entries), BATCH):
            batch = entries[first : first + BATCH]
            yield from pool.map(_entry_digest, batch)
            if progress:
                progress(first + len(batch), len(entries))


def _entry_digest(entry: Radiograph | Skipped) -> str:
    return content_digest(entry) if isinstance(entry, Radiograph) else digest(asdict(entry))


def _config_files(config: SynthConfig) -> list[Path]:
    return [Path(config.opacities.brush.file)] if config.opacities.brush.file else []
