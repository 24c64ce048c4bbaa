"""The radiographs that opacities are painted on, read when they are asked for."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ConfigError, ImageError
from artasyn.data_manifests.images.decode import read_image
from artasyn.data_manifests.images.fingerprints import pixels_sha256
from artasyn.data_manifests.images.geometry import Squaring
from artasyn.data_manifests.store.version import Version
from artasyn.synth.config import SynthConfig
from artasyn.synth.lungs import segment_lungs
from artasyn.synth.opacities import SecondImage
from artasyn.synth.sources.source import Source

__all__ = ["Subject", "Subjects", "of_file", "of_source", "of_version", "second_of"]

KEPT = 32
"""Radiographs kept in memory, those used last."""
TRIES = 8
"""Radiographs tried for a second image."""

Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A square radiograph and its lungs; arrays `(H, W)` uint8."""

    name: str
    image: Grey
    lungs: Grey
    """0 none, 1 the patient's right lung, 2 the left."""
    quality: float
    """Trust in the lung field, 0 to 1."""
    refused: str
    """Why its lung field was not accepted; empty where it was."""


class Subjects:
    """Radiographs by place, `0 .. len - 1`; the last ones used are kept."""

    def __init__(self, names: Sequence[str], labels: Sequence[str], read: Callable[[int], Subject]) -> None:
        """Take the names and labels of all, and what reads the one at a place."""
        self.names, self.labels = tuple(names), tuple(labels)
        self._read = functools.lru_cache(KEPT)(read)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.names)

    def read(self, place: int) -> Subject:
        """Return the radiograph at a place. Raises ConfigError where there is none, ImageError, MachineError."""
        if not 0 <= place < len(self):
            raise ConfigError("subject", f"must be within 0..{len(self) - 1}, got {place}")
        return self._read(place)

    def find(self, text: str, *, limit: int) -> list[int]:
        """Return the first places whose names hold the text, whatever its case."""
        wanted = text.casefold()
        hits = (place for place, name in enumerate(self.names) if wanted in name.casefold())
        return [place for place, _ in zip(hits, range(limit), strict=False)]


def of_source(source: Source, config: SynthConfig) -> Subjects:
    """Return the radiographs of a corpus, normal ones first: opacities belong into these."""
    entries = sorted(source.radiographs, key=lambda entry: (entry.label != "normal", entry.image_id))

    def read(place: int) -> Subject:
        return _segmented(entries[place].image_id, source.read_image(entries[place]), config)

    return Subjects([e.image_id for e in entries], [e.label for e in entries], read)


def of_file(path: Path, config: SynthConfig) -> Subjects:
    """Return one radiograph of the user's."""
    return Subjects([path.name], [""], lambda _: _segmented(path.name, read_image(path), config))


def of_version(version: Version) -> Subjects:
    """Return the image and lungs of each study that a version holds."""
    table, rows = version.table, version.rows(status="ok")
    _, firsts = np.unique(table["study"][rows], return_index=True)
    chosen = rows[firsts]

    def read(place: int) -> Subject:
        row = int(chosen[place])
        image, lungs = version.read(row, channels=("image", "lungs"))
        return Subject(
            name=str(table["image_id"][row]),
            image=image,
            lungs=lungs,
            quality=float(table["quality"][row]),
            refused="" if lungs.any() else "no_lung",
        )

    return Subjects(
        [str(n) for n in table["image_id"][chosen]], [str(n) for n in table["label"][chosen]], read
    )


def second_of(subjects: Subjects, place: int) -> SecondImage:
    """Return the next radiograph with accepted lungs; the same one mirrored where the next few have none."""
    for step in range(1, min(TRIES, len(subjects))):
        try:
            other = subjects.read((place + step) % len(subjects))
        except ImageError:  # one that cannot be read is no second image
            continue
        if not other.refused:
            return _second(other.name, other.image)
    own = subjects.read(place)
    return _second(f"{own.name}, mirrored", np.ascontiguousarray(own.image[:, ::-1]))


def _segmented(name: str, decoded: Grey, config: SynthConfig) -> Subject:
    shape = decoded.shape[0], decoded.shape[1]
    image = Squaring(shape, config.size, config.squaring).image(decoded)
    found = segment_lungs(image, config.lungs)
    return Subject(
        name=name, image=image, lungs=found.labels, quality=found.quality, refused=str(found.reason)
    )


def _second(name: str, pixels: Grey) -> SecondImage:
    return SecondImage(image_id=name, pixels_sha256=pixels_sha256(pixels), pixels=pixels)
