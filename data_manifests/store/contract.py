"""What a version of a store must hold: the agreement between synth, train and eval.

A version is one Zarr v3 group. `samples` is `(N, 7, H, W)` uint8 with N = studies x slots; study s owns the
rows s * slots ... s * slots + slots - 1. `table/<column>` holds one value a row, `digests/{key,sha256}` one
line a file.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from artasyn.data_manifests.errors import StoreError

__all__ = [
    "CHANNELS",
    "COLUMNS",
    "CONTRACT_VERSION",
    "Kind",
    "Row",
    "Shape",
    "check_attributes",
    "lay_out",
    "shape_of",
    "shard_key",
]

CONTRACT_VERSION = 2
"""Raised whenever the meaning or layout of stored bytes changes."""

CHANNELS = ("image", "altered", "alpha", "mask", "outline", "lungs", "reference_lungs")
"""Channels of a sample, uint8.

image            the radiograph as it is
altered          the same with the opacity; equal to `image` in an evaluation version
alpha            the opacity's strength, 0 to 255; 0 in an evaluation version
mask             0 or 1. Synthetic: exactly where `altered` differs from `image` by at least 6 of 255 grey values, in
                 pieces (neighbours at edges and corners) of at least 1/2048 of the image's pixels; whoever has the two
                 channels can derive it again. Evaluation: what the annotators marked
outline          0 or 1. Synthetic: the smooth region that a reader would draw; it may take in gaps that are not changed
                 and leave out a faint fringe. It is alpha > `outline_threshold` of the record,
                 inside the lung field unless the gates are open (`clip_to_lung`); of a rival its own published mask.
                 Evaluation: as `mask`.
                 Where the record names a published synthesis (`rival`), alpha is 255 times its own label
lungs            lung field found without labels: 0 none, 1 patient's right lung, 2 patient's left lung
reference_lungs  the same from a human's mask, where the row says `has_lungs`; else 0
"""

Kind = Literal["synthetic", "evaluation"]

SHARD_PIXELS = 256 * 256 * 256
"""Pixels of one channel in a shard: 256 samples at 256 px, 64 at 512 px."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table: what is known of one sample."""

    image_id: str
    """Path of the source file, relative to the corpus."""
    study: int
    """Number of the radiograph in this version."""
    variant: int
    """Number of the image within its study, from 0."""
    status: Literal["ok", "absent", "rejected"]
    """`ok`: the chunk is there; `absent`: no such variant of a good study; `rejected`: source left out."""
    reason: str = ""
    """Why the row is not `ok`, or what is odd all the same: a short kind, a colon, a sentence; `; ` between several."""
    label: str = "normal"
    """Label of the source image: normal, abnormal or unlabelled."""
    split: str = ""
    """`train` or `val` (held-out patients) in synthetic versions; the corpus's own in evaluation versions."""
    patient: str = ""
    """Salted hash of the patient's identifier; empty where unknown."""
    pixels_sha256: str = ""
    """Of the decoded image before resizing, shape included."""
    perceptual_hash: str = ""
    """256-bit difference hash, 64 hex digits."""
    quality: float = 0.0
    """Trust in the lung field, 0 to 1."""
    has_mask: bool = False
    """Whether the mask is known: drawn, annotated, or empty because the image is normal."""
    has_lungs: bool = False
    """Whether `reference_lungs` holds a human's lung mask."""
    record: str = "{}"
    """JSON of what was drawn; replays to the same bytes. In an evaluation version: the mask of each finding that the
    corpus names, `{"findings": {name: run lengths}}`, pairs of gap and length down the columns of the stored image."""
    boxes: str = "[]"
    """JSON list of (x, y, width, height) in pixels of the stored image, and the finding's name where there is one."""
    attributes: str = "{}"
    """JSON of further columns of the corpus, for breakdowns."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


COLUMNS = tuple(
    (
        f.name,
        {"int": "int32", "float": "float64", "bool": "bool"}.get(
            str(getattr(f.type, "__name__", f.type)), "string"
        ),
    )
    for f in fields(Row)
)
"""Name and storage type of each column of the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How the samples of a version are laid out."""

    studies: int
    slots: int
    """Rows a study owns."""
    size: int
    """Side of the square images, in pixels."""
    studies_per_shard: int
    """Whole studies only: one shard is one task, and a study is never cut."""

    @property
    def rows(self) -> int:
        """Number of samples, absent ones included."""
        return self.studies * self.slots

    @property
    def rows_per_shard(self) -> int:
        """Rows in every shard; the last may be partly unused."""
        return self.studies_per_shard * self.slots

    @property
    def shards(self) -> int:
        """Number of shards."""
        return -(-self.studies // self.studies_per_shard)

    def studies_of(self, shard: int) -> range:
        """Return the studies that lie in `shard`."""
        first = shard * self.studies_per_shard
        return range(first, min(first + self.studies_per_shard, self.studies))


def lay_out(studies: int, *, slots: int, size: int) -> Shape:
    """Return the layout for so many studies, with shards of about `SHARD_PIXELS`."""
    samples = max(1, SHARD_PIXELS // (size * size))
    return Shape(studies=studies, slots=slots, size=size, studies_per_shard=max(1, samples // slots))


def shard_key(shard: int) -> str:
    """Return where `shard` lies in its version."""
    return f"samples/c/{shard}/0/0/0"


_LAYOUT = tuple(f.name for f in fields(Shape))


def check_attributes(where: str, attributes: Mapping[str, Any]) -> None:
    """Raise StoreError unless the attributes are those of a version of this contract."""
    found = attributes.get("contract")
    if found is None:
        raise StoreError(
            where, "is a Zarr group but not an artasyn version", "build one with `artasyn-synth build`"
        )
    if found != CONTRACT_VERSION:
        remedy = (
            f"this program reads contract {CONTRACT_VERSION}: build it again from its corpus, "
            "or install the release that wrote it"
        )
        raise StoreError(where, f"follows store contract {json.dumps(found)}", remedy)
    missing = [key for key in ("kind", "digest", *_LAYOUT) if key not in attributes]
    if missing:
        raise StoreError(where, f"lacks the attribute `{missing[0]}`", "rebuild the version")


def shape_of(attributes: Mapping[str, Any]) -> Shape:
    """Return the layout that the attributes state."""
    return Shape(**{key: attributes[key] for key in _LAYOUT})
