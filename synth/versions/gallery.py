"""Render sheets of samples of a version."""

import json

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.colours import GREEN, ORANGE, SKY_BLUE, as_rgb
from artasyn.data_manifests.outlines import with_outline
from artasyn.data_manifests.spacing import evenly_spaced
from artasyn.data_manifests.store.version import Version
from artasyn.synth.captions import beside, caption, titles

__all__ = ["gallery_sheet", "tint"]

Colour = NDArray[np.uint8]
Grey = NDArray[np.uint8]

RIGHT_LUNG, LEFT_LUNG, OPACITY = SKY_BLUE, GREEN, ORANGE
SHADE = 0.35
"""Share of its colour in a shaded mask."""
GAP = 6
"""Pixels between samples."""


def gallery_sheet(version: Version, *, count: int, columns: int) -> Colour:
    """Return an RGB sheet `(H, W, 3)` of up to `count` samples, spread evenly over the version.

    Each sample is a strip: image, lung fields, image with the opacity (if synthetic), mask shaded and outline drawn;
    below it the kinds of opacity with their severities, and the image id.
    """
    ok = version.rows(status="ok")
    chosen = ok[evenly_spaced(len(ok), count)]
    synthetic = version.attributes["kind"] == "synthetic"
    strips = [_strip(version, int(row), synthetic=synthetic) for row in chosen]
    columns = min(columns, len(strips))
    strips += [np.full_like(strips[0], 255)] * (-len(strips) % columns)
    lines = [beside(strips[i : i + columns], gap=GAP) for i in range(0, len(strips), columns)]
    last = ["with opacity", "mask (shaded), outline (line)"] if synthetic else ["mask"]
    header = beside([titles(["image", "lung fields", *last], version.shape.size)] * columns, gap=GAP)
    return np.concatenate([header, *(_below(line) for line in lines)])


def tint(image: Grey, mask: NDArray[np.bool_], colour: tuple[int, int, int]) -> Colour:
    """Return the grey image `(H, W)` as RGB with the mask shaded in `colour`."""
    picture = as_rgb(image)
    shaded = picture * (1 - SHADE) + np.asarray(colour) * SHADE
    return np.where(mask[..., None], shaded, picture).round().astype(np.uint8)


def _strip(version: Version, row: int, *, synthetic: bool) -> Colour:
    image, altered, mask, drawn, lungs = version.read(
        row, channels=("image", "altered", "mask", "outline", "lungs")
    )
    plain = as_rgb(image)
    fields = with_outline(with_outline(plain, lungs == 1, RIGHT_LUNG), lungs == 2, LEFT_LUNG)
    marked = with_outline(tint(altered, mask > 0, OPACITY), drawn > 0, OPACITY)
    changed = [as_rgb(altered)] if synthetic else []
    strip = beside([plain, fields, *changed, marked])
    return np.concatenate([strip, caption(_caption(version, row), strip.shape[1])])


def _caption(version: Version, row: int) -> str:
    """Return the kinds with their severities, or the published synthesis, and the image id."""
    record = json.loads(str(version.table["record"][row]))
    kinds = [f"{kind['name']}, severity {kind['severity']:.2f}" for kind in record.get("kinds", [])]
    drawn = str(record.get("rival", "")) or "; ".join(kinds)
    label = drawn or str(version.table["label"][row])
    return f"{label}   {version.table['image_id'][row]}"


def _below(line: Colour) -> Colour:
    return np.concatenate([line, np.full((GAP, line.shape[1], 3), 255, np.uint8)])
