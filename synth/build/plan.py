"""Decide what a version will hold before anything is made: plan, print, run."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from artasyn.data_manifests.config import config_from_dict, config_to_dict, digest
from artasyn.data_manifests.corpora.radiograph import Radiograph, Skipped
from artasyn.data_manifests.progress import Progress
from artasyn.data_manifests.store.blobs import Blobs
from artasyn.data_manifests.store.contract import CONTRACT_VERSION, Kind, Shape, lay_out
from artasyn.data_manifests.store.draft import Draft
from artasyn.synth.build.fitness import counts_of, nothing_chosen, refuse_doubtful, said_of
from artasyn.synth.build.program_digest import library_versions, program_digest
from artasyn.synth.build.second_image import pool_of
from artasyn.synth.build.selection import Selection, first_of, left_aside, select, selection_of, spread_of
from artasyn.synth.build.study import Recipe
from artasyn.synth.config import SynthConfig
from artasyn.synth.opacities.brush.tips import tip_digest
from artasyn.synth.sources.source import content_digest

__all__ = ["Plan", "make_plan", "replan"]

READERS = 8
BATCH = 512
"""Files handed to the readers at a time: the queue of a large corpus would fill the memory."""


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
    table: str = ""
    """Path of a table that tells labels, masks or boxes of the images, where the corpus is their folder."""

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
    source = selection.open()
    refuse_doubtful(source, kind)
    chosen = list(select(source, kind, selection.split))
    if not chosen:
        raise nothing_chosen(source, kind, selection.split)
    limited = first_of if kind == "synthetic" else spread_of
    entries = limited([*chosen, *source.skipped], selection.limit)
    contents = tuple(_contents(entries, progress))
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
        ingredients=_ingredients(kind, config, seed, contents),
        corpus=source.describe(),
        selection=selection,
        left_aside=left_aside(source, chosen, entries),
        understood=counts_of(source) | said_of(source, kind),
        table=source.understood.table,
    )


def _ingredients(kind: Kind, config: SynthConfig, seed: int, contents: Sequence[str]) -> dict[str, Any]:
    """Return what the version's name is the digest of."""
    return {
        "kind": kind,
        "contract": CONTRACT_VERSION,
        "corpus": hashlib.sha256("".join(contents).encode()).hexdigest(),
        "config": config_to_dict(config),
        "files": [tip_digest(path) for path in _config_files(config)],
        "seed": seed,
        "code": program_digest(),
        "libraries": library_versions(),
    }


def replan(attributes: Mapping[str, Any], *, root: Path | None = None) -> Plan:
    """Plan the version with these attributes once more, its corpus perhaps at another root now."""
    selection = selection_of(attributes, root=root)
    config = config_from_dict(SynthConfig, attributes["config"])
    return make_plan(selection, kind=attributes["kind"], config=config, seed=attributes["seed"])


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
