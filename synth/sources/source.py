"""Where radiographs come from: a corpus on disk, or phantoms drawn on the spot."""

import functools
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.corpus import open_corpus
from artasyn.data_manifests.corpora.radiograph import Radiograph, Skipped
from artasyn.data_manifests.corpora.understood import Understood
from artasyn.data_manifests.errors import CorpusError, ImageError
from artasyn.data_manifests.images.decode import Marks
from artasyn.data_manifests.images.file_bytes import Reader, hash_file, read_file
from artasyn.synth.seeds import generator
from artasyn.synth.sources.phantom import Phantom, draw_phantom, render_phantom

__all__ = ["PhantomSource", "Source", "content_digest", "files_of", "open_source"]

PHANTOM_SIDE = 256
NOTHING_BY_HAND = ByHand()


class Source(Protocol):
    """What a build needs of a corpus."""

    @property
    def name(self) -> str:
        """Return the name it is asked for by."""

    @property
    def radiographs(self) -> Sequence[Radiograph]:
        """Return an entry for every image that can be tried."""

    @property
    def skipped(self) -> Sequence[Skipped]:
        """Return what cannot even be tried, and why."""

    @property
    def understood(self) -> Understood:
        """Return what was made of its names and columns."""

    def read_image(self, radiograph: Radiograph, *, read: Reader = read_file) -> NDArray[np.uint8]:
        """Return the grey image (H, W). Raises ImageError, MachineError."""

    def read_notes(self, radiograph: Radiograph, *, read: Reader = read_file) -> Sequence[str]:
        """Return what its header says that is odd, or nothing. Raises as `read_image` does."""

    def read_mask(self, radiograph: Radiograph, *, read: Reader = read_file) -> NDArray[np.bool_] | None:
        """Return the annotated mask (H, W), or None. Raises as `read_image` does."""

    def read_marks(self, radiograph: Radiograph, *, read: Reader = read_file) -> Marks | None:
        """Return the same with the labels of a label image. Raises as `read_image` does."""

    def read_findings(
        self, radiograph: Radiograph, *, read: Reader = read_file
    ) -> Mapping[str, NDArray[np.bool_]]:
        """Return the mask (H, W) of each finding that is named, or none. Raises as `read_image` does."""

    def read_lungs(self, radiograph: Radiograph, *, read: Reader = read_file) -> NDArray[np.bool_] | None:
        """Return a human's lung mask (H, W), or None. Raises as `read_image` does."""

    def describe(self) -> dict[str, Any]:
        """Return name, licence, citation and the like."""

    def reader(self) -> "Source":
        """Return the same without its lists: small enough to send to a worker."""


@dataclass(frozen=True, slots=True)
class PhantomSource:
    """`count` normal phantoms for training, and as many for evaluation, every other one with lesions."""

    count: int

    @property
    def name(self) -> str:
        """Return the name it is asked for by."""
        return f"phantom:{self.count}"

    @property
    def radiographs(self) -> tuple[Radiograph, ...]:
        """Return the phantoms' entries; nothing is drawn yet."""
        train = [_entry("train", i, abnormal=False) for i in range(self.count)]
        return tuple(train + [_entry("val", i, abnormal=i % 2 == 1) for i in range(self.count)])

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """Return nothing: phantoms are never broken."""
        return ()

    @property
    def understood(self) -> Understood:
        """Return nothing: phantoms say all themselves."""
        return Understood()

    def read_image(self, radiograph: Radiograph, *, read: Reader = read_file) -> NDArray[np.uint8]:  # noqa: ARG002
        """Draw the phantom."""
        return _phantom(radiograph.image_id, radiograph.label).image

    def read_notes(self, radiograph: Radiograph, *, read: Reader = read_file) -> Sequence[str]:  # noqa: ARG002
        """Return nothing: phantoms have no header."""
        return ()

    def read_mask(self, radiograph: Radiograph, *, read: Reader = read_file) -> NDArray[np.bool_]:  # noqa: ARG002
        """Return where the lesions are."""
        return _phantom(radiograph.image_id, radiograph.label).mask.astype(bool)

    def read_marks(self, radiograph: Radiograph, *, read: Reader = read_file) -> Marks:
        """Return the same: a phantom's lesions have no labels."""
        return Marks(self.read_mask(radiograph, read=read))

    def read_findings(
        self,
        radiograph: Radiograph,  # noqa: ARG002, the protocol's
        *,
        read: Reader = read_file,  # noqa: ARG002
    ) -> Mapping[str, NDArray[np.bool_]]:
        """Return none: a phantom's lesions have no names."""
        return {}

    def read_lungs(self, radiograph: Radiograph, *, read: Reader = read_file) -> NDArray[np.bool_] | None:  # noqa: ARG002
        """Return the drawn lungs."""
        return _phantom(radiograph.image_id, radiograph.label).lungs > 0

    def describe(self) -> dict[str, Any]:
        """Return what the phantoms are."""
        return {"name": self.name, "title": "Chest phantoms, drawn procedurally", "licence": "MIT"}

    def reader(self) -> Source:
        """Return itself: it holds no lists."""
        return self


def open_source(spec: str, root: Path | None = None, hand: ByHand = NOTHING_BY_HAND) -> Source:
    """Return `phantom:N` or what `open_corpus` makes of `spec`. Raises CorpusError."""
    if not spec.startswith("phantom:"):
        return open_corpus(spec, root, hand)
    if not re.fullmatch(r"phantom:[1-9][0-9]{0,6}", spec):
        raise CorpusError(spec, "is not phantom:N with N from 1 to 9999999")
    return PhantomSource(int(spec.partition(":")[2]))


def content_digest(radiograph: Radiograph, *, hash_of: Callable[[Path], bytes] = hash_file) -> str:
    """Return the SHA-256 over a radiograph's entry and the bytes of all its files.

    A file that anybody would find unusable (missing, empty, too large) counts by that. Raises MachineError.
    """
    total = hashlib.sha256(repr(_facts(radiograph)).encode())
    for path in files_of(radiograph):
        try:
            total.update(hash_of(path))
        except ImageError as error:
            total.update(f"unusable: {error.kind}".encode())
    return total.hexdigest()


def files_of(radiograph: Radiograph) -> list[Path]:
    """Return the files of a radiograph: image and masks; none for a phantom."""
    masks = (radiograph.mask, *radiograph.more_masks, radiograph.lung_mask, radiograph.other_lung_mask)
    paths = (radiograph.path, *masks)
    return [path for path in paths if path is not None and path != _NOWHERE]


_NOWHERE = Path()


def _facts(radiograph: Radiograph) -> tuple[object, ...]:
    attributes: Mapping[str, str] = radiograph.attributes
    return (
        radiograph.image_id,
        radiograph.label,
        radiograph.split,
        radiograph.patient,
        radiograph.boxes,
        tuple(zip(radiograph.runs or (), radiograph.run_findings, strict=True))
        if radiograph.run_findings
        else radiograph.runs,
        sorted(attributes.items()),
        *([radiograph.mask_values] if radiograph.mask_values else []),
    )


def _entry(split: str, index: int, *, abnormal: bool) -> Radiograph:
    return Radiograph(
        image_id=f"{split}/phantom_{index:06d}",
        path=_NOWHERE,
        label="abnormal" if abnormal else "normal",
        split=split,
        attributes={},
    )


@functools.lru_cache(maxsize=1)
def _phantom(image_id: str, label: str) -> Phantom:
    """Draw a phantom; the last one is kept, as its image, mask and lungs are asked for one after the other."""
    rng = generator(0, image_id, 0, stage="phantom")
    return render_phantom(draw_phantom(rng=rng, abnormal=label == "abnormal"), size=PHANTOM_SIDE)
