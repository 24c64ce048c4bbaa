"""Phantoms and opacities look as they did: who changes a byte of the presets on purpose writes the numbers anew."""

import json
from pathlib import Path

import numpy as np

from tests.synth.opacities.golden import pictures

GOLDEN = Path(__file__).parent / "assets" / "golden.json"


def test_every_preset_kind_and_rival_draws_the_picture_it_drew() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    found = dict(pictures())
    assert found.keys() == golden.keys()
    # Releases of OpenCV and processors round a pixel here and there otherwise: half a grey value of a part's mean.
    moved = [name for name in golden if np.abs(np.subtract(found[name], golden[name])).max() > 5]
    assert not moved
