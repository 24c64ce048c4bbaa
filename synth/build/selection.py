"""Which radiographs of a corpus a version takes, and how to find the same ones again."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from artasyn.data_manifests.config import config_from_dict
from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.manifest import catalog_names
from artasyn.data_manifests.corpora.radiograph import Radiograph, Skipped
from artasyn.data_manifests.corpora.text_files import TABLES
from artasyn.data_manifests.errors import CorpusError
from artasyn.data_manifests.home_folder import expand_home
from artasyn.data_manifests.spacing import evenly_spaced
from artasyn.data_manifests.store.contract import Kind
from artasyn.synth.sources.source import Source, open_source

__all__ = ["DECLARATIONS", "Selection", "first_of", "left_aside", "select", "selection_of", "spread_of"]

DECLARATIONS = (*TABLES, ".toml")
"""Ends of the names of files that say which images there are, in lower case."""


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
    """At most so many: the first by id for a synthetic version, evenly spaced by id for an evaluation version."""
    hand: ByHand = field(default_factory=ByHand)
    """What a person says of an undeclared folder or table."""

    def open(self) -> Source:
        """Return the corpus, or the phantoms, that it selects from. Raises as `open_source` does."""
        return open_source(self.corpus, Path(self.root) if self.root else None, self.hand)


def selection_of(attributes: Mapping[str, Any], *, root: Path | None = None) -> Selection:
    """Return what the version with these attributes was made of, its corpus perhaps at another root now."""
    selection = config_from_dict(Selection, attributes["selection"], where="selection")
    selection = replace(selection, corpus=_at_home(selection.corpus), root=_at_home(selection.root))
    return selection if root is None else _moved(selection, root)


def select(source: Source, kind: Kind, split: str) -> Iterator[Radiograph]:
    """Yield the radiographs that a version of this kind takes. Raises CorpusError for a split that there is not."""
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


def first_of(entries: Sequence[Radiograph | Skipped], limit: int | None) -> tuple[Radiograph | Skipped, ...]:
    """Return the entries by id up to the radiograph that makes the limit full, those skipped on the way included."""
    ordered = sorted(entries, key=lambda entry: entry.image_id)
    counts = itertools.accumulate(isinstance(entry, Radiograph) for entry in ordered)
    return tuple(
        entry
        for entry, count in zip(ordered, counts, strict=True)
        if limit is None or count <= limit - isinstance(entry, Skipped)
    )


def spread_of(entries: Sequence[Radiograph | Skipped], limit: int | None) -> tuple[Radiograph | Skipped, ...]:
    """Return up to `limit` radiographs, evenly spaced by id, and as many at most of the skipped.

    The first ones are often of one class alone, of which no AUROC can be computed.
    """
    ordered = sorted(entries, key=lambda entry: entry.image_id)
    usable = [k for k, entry in enumerate(ordered) if isinstance(entry, Radiograph)]
    others = [k for k, entry in enumerate(ordered) if isinstance(entry, Skipped)]
    if limit is None:
        return tuple(ordered)
    kept = {places[k] for places in (usable, others) for k in evenly_spaced(len(places), limit)}
    return tuple(ordered[k] for k in sorted(kept))


def left_aside(
    source: Source, chosen: Sequence[Radiograph], entries: Sequence[Radiograph | Skipped]
) -> dict[str, int]:
    """Count by label, and by split where that is all that differs, what the version does not take."""
    taken, within = {r.image_id for r in chosen}, {entry.image_id for entry in entries}
    labels = {radiograph.label for radiograph in chosen}
    others = [radiograph for radiograph in source.radiographs if radiograph.image_id not in taken]
    counts = Counter(r.label if r.label not in labels else f"of split {r.split or 'none'}" for r in others)
    return dict(counts + Counter({"beyond the limit": len(taken - within)}))


def _at_home(path: str) -> str:
    """Undo what keeps the owner's name out of a version."""
    return expand_home(path) if path.startswith("~/") else path


def _moved(selection: Selection, root: Path) -> Selection:
    """Return the selection from a corpus that lies below `root` now; a plain folder is its own declaration."""
    if selection.corpus in catalog_names():
        return replace(selection, root=str(root))
    if not selection.corpus.lower().endswith(DECLARATIONS):
        return replace(selection, corpus=str(root))
    declaration = Path(selection.corpus)
    if not declaration.exists():
        declaration = root / declaration.name
    return replace(selection, corpus=str(declaration), root=str(root))
