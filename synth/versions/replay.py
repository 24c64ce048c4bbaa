"""Render the stored records once more and compare: what a version says was drawn is what its pixels show."""

import functools
import json
from collections.abc import Iterator, Sequence

import numpy as np

from artasyn.data_manifests.errors import ArtasynError, StoreError
from artasyn.data_manifests.store.version import Version
from artasyn.synth.opacities import RivalRecord, SecondImage, read_record, render_opacity

__all__ = ["replay_records"]

DRAWN = ("altered", "alpha", "mask", "outline")


def replay_records(version: Version, rows: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yield each row with what differs when its record is rendered again; an empty string where nothing does.

    Raises DamageError where the sample cannot be read.
    """
    for row in rows:
        yield int(row), _difference(version, int(row))


def _difference(version: Version, row: int) -> str:
    image, labels, *stored = version.read(row, channels=("image", "lungs", *DRAWN))
    try:
        record = read_record(json.loads(str(version.table["record"][row])))
        second = functools.partial(_second, version, record) if isinstance(record, RivalRecord) else None
        opacity = render_opacity(record, image, labels, second=second)
    except (ArtasynError, ValueError) as error:
        return f"its record cannot be rendered: {error}"
    again = (opacity.altered, opacity.alpha, opacity.mask, opacity.outline)
    differ = [n for n, a, b in zip(DRAWN, again, stored, strict=True) if not np.array_equal(a, b)]
    return f"rendered again, {', '.join(differ)} differ" if differ else ""


def _second(version: Version, record: RivalRecord) -> SecondImage:
    """Return the second image that a record names, as the version holds it. Raises StoreError where it does not."""
    names = version.table["image_id"]
    wanted = record.second
    for row in version.rows(status="ok"):
        if wanted is not None and str(names[row]) == wanted.image_id:
            (pixels,) = version.read(int(row), channels=("image",))
            found = str(version.table["pixels_sha256"][row])
            return SecondImage(image_id=wanted.image_id, pixels_sha256=found, pixels=pixels)
    raise StoreError(version.id, f"does not hold the second image {wanted and wanted.image_id}")
