"""Render the stored records once more and compare: what a version says was drawn is what its pixels show."""

import json
from collections.abc import Iterator, Sequence

import numpy as np

from artasyn.data_manifests.errors import ArtasynError
from artasyn.data_manifests.store.version import Version
from artasyn.synth.opacities import OpacityRecord, render_opacity

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
        record = OpacityRecord.from_dict(json.loads(str(version.table["record"][row])))
        opacity = render_opacity(record, image, labels)
    except (ArtasynError, ValueError) as error:
        return f"its record cannot be rendered: {error}"
    again = (opacity.altered, opacity.alpha, opacity.mask, opacity.outline)
    differ = [n for n, a, b in zip(DRAWN, again, stored, strict=True) if not np.array_equal(a, b)]
    return f"rendered again, {', '.join(differ)} differ" if differ else ""
