"""Draw docs/phantoms.jpg, the picture of the README: what a store holds and what a run finds, on phantoms alone.

make demo
python -m tools.readme_picture demo/store@train demo/run docs/phantoms.jpg
"""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from artasyn.data_manifests.colours import as_rgb
from artasyn.data_manifests.outlines import with_outline
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.eval.pictures import overlay
from artasyn.eval.prediction.predictor import Predictor
from artasyn.synth.versions.gallery import LEFT_LUNG, OPACITY, RIGHT_LUNG, tint

__all__ = ["draw_picture"]

TITLES = ("normal image", "lungs found", "opacity painted", "mask and outline", "heat map of a run")
GAP, BAR = 6, 30
GROUND, INK = (18, 18, 20), (235, 235, 235)
ROWS = 3
SEVERE, SHARE = 0.6, 0.09
"""Opacities shown are more severe than this, and cover about this share of the image."""

Colour = NDArray[np.uint8]


def draw_picture(version: Version, predictor: Predictor) -> Image.Image:
    """Return one row of pictures for each of a few held-out phantoms, every one with another kind of opacity."""
    strips = [_strip(version, row, predictor) for row in _chosen(version)]
    side = version.shape.size
    width = len(TITLES) * side + (len(TITLES) + 1) * GAP
    canvas = Image.new("RGB", (width, BAR + len(strips) * (side + GAP)), GROUND)
    pen = ImageDraw.Draw(canvas)
    for column, title in enumerate(TITLES):
        left = GAP + column * (side + GAP)
        pen.text((left + side / 2, BAR / 2), title, INK, ImageFont.load_default(17), anchor="mm")
        for row, strip in enumerate(strips):
            canvas.paste(Image.fromarray(strip[column]), (left, BAR + row * (side + GAP)))
    return canvas


def _chosen(version: Version) -> list[int]:
    """Return held-out rows of different kinds and phantoms, opacities of middling size first."""
    rows = version.rows(status="ok", split="val")
    shares = {int(row): float(version.read(int(row), channels=("mask",)).mean()) for row in rows}
    found: dict[str, int] = {}
    for row in sorted(shares, key=lambda row: abs(shares[row] - SHARE)):
        kinds = json.loads(str(version.table["record"][row])).get("kinds", [])
        shown = {version.table["study"][other] for other in found.values()}
        if len(kinds) == 1 and kinds[0]["severity"] > SEVERE and version.table["study"][row] not in shown:
            found.setdefault(kinds[0]["name"], row)
    return list(found.values())[:ROWS]


def _strip(version: Version, row: int, predictor: Predictor) -> list[Colour]:
    image, altered, mask, outline, lungs = version.read(
        row, channels=("image", "altered", "mask", "outline", "lungs")
    )
    plain = as_rgb(image)
    fields = with_outline(
        with_outline(plain, lungs == 1, RIGHT_LUNG, width=2), lungs == 2, LEFT_LUNG, width=2
    )
    marked = with_outline(tint(altered, mask > 0, OPACITY), outline > 0, OPACITY, width=2)
    found = predictor.predict_array(altered)
    hot = overlay(altered, found.anomaly, found.mask, top=predictor.heat_top)
    return [plain, fields, as_rgb(altered), marked, hot]


if __name__ == "__main__":
    store, run, target = sys.argv[1:]
    picture = draw_picture(open_version(store), Predictor.load(run))
    picture.save(Path(target), quality=88, subsampling=0, optimize=True)
    print(target)
