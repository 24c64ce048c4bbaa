"""Decide what a version will hold before anything is made: plan, print, run."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from data_manifests.blobs import Blobs
from data_manifests.config import config_from_dict, config_to_dict, digest
from data_manifests.contract import CONTRACT_VERSION, Kind, Shape, lay_out
from data_manifests.corpus import Radiograph, Skipped
from data_manifests.draft import Draft
from data_manifests.errors import CorpusError
from data_manifests.manifest import catalog_names
from synth.code import code_digest, library_versions
from synth.config import SynthConfig
from synth.sources import Source, content_digest, open_source
from synth.study import Recipe

__all__ = ["Plan", "Selection", "make_plan", "replan"]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A version to be made: what goes in, how, and under which name."""

    kind: Kind
    recipe: Recipe
    entries: tuple[Radiograph | Skipped, ...]
    """One a study, in order of the image ids."""
    ingredients: dict[str, Any]
    """What the bytes follow from; its digest is the id."""
    corpus: dict[str, Any]
    """What the corpus says of itself."""
    selection: Selection
    """How to find the same radiographs again."""

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

    Raises CorpusError where nothing is left.
    """
    source = open_source(selection.corpus, Path(selection.root) if selection.root else None)
    chosen: list[Radiograph | Skipped] = [*_select(source, kind, selection.split), *source.skipped]
    if not any(isinstance(entry, Radiograph) for entry in chosen):
        remedy = "check --split and the labels with `artasyn-synth corpora check`"
        raise CorpusError(source.name, f"has no radiograph for a version of kind {kind}", remedy)
    entries = tuple(sorted(chosen, key=lambda entry: entry.image_id)[: selection.limit])
    ingredients = {
        "kind": kind,
        "contract": CONTRACT_VERSION,
        "corpus": _corpus_digest(entries, progress),
        "config": config_to_dict(config),
        "files": [hashlib.sha256(path.read_bytes()).hexdigest() for path in _config_files(config)],
        "seed": seed,
        "code": code_digest(),
        "libraries": library_versions(),
    }
    return Plan(
        kind=kind,
        recipe=Recipe(source=source.reader(), config=config, seed=seed),
        entries=entries,
        ingredients=ingredients,
        corpus=source.describe(),
        selection=selection,
    )


def replan(attributes: Mapping[str, Any], *, root: Path | None = None) -> Plan:
    """Plan the version with these attributes once more, its corpus perhaps at another root now."""
    selection = config_from_dict(Selection, attributes["selection"], where="selection")
    if root is not None:
        selection = _moved(selection, root)
    config = config_from_dict(SynthConfig, attributes["config"])
    return make_plan(selection, kind=attributes["kind"], config=config, seed=attributes["seed"])


def _moved(selection: Selection, root: Path) -> Selection:
    """Return the selection from a corpus that lies below `root` now; a plain folder is its own declaration."""
    declared = selection.corpus in catalog_names() or selection.corpus.endswith((".csv", ".csv.gz", ".toml"))
    return replace(selection, root=str(root)) if declared else replace(selection, corpus=str(root))


def _select(source: Source, kind: Kind, split: str) -> Iterator[Radiograph]:
    splits = {r.split for r in source.radiographs}
    if split and split not in splits:
        raise CorpusError(source.name, f"has no split `{split}`", f"its splits: {', '.join(sorted(splits))}")
    labels = {r.label for r in source.radiographs}
    # Whoever builds from a plain folder says by that that its images are normal.
    healthy = "unlabelled" if labels == {"unlabelled"} else "normal"
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


def _corpus_digest(entries: Sequence[Radiograph | Skipped], progress: Progress | None) -> str:
    total = hashlib.sha256()
    with ThreadPoolExecutor(READERS) as pool:
        for first in range(0, len(entries), BATCH):
            batch = entries[first : first + BATCH]
            for line in pool.map(_entry_digest, batch):
                total.update(line.encode())
            if progress:
                progress(first + len(batch), len(entries))
    return total.hexdigest()


def _entry_digest(entry: Radiograph | Skipped) -> str:
    return content_digest(entry) if isinstance(entry, Radiograph) else repr(entry)


def _config_files(config: SynthConfig) -> list[Path]:
    return [Path(config.opacities.brush.file)] if config.opacities.brush.file else []
