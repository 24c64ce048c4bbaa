"""What phantoms and opacities look like, in a few numbers each: pictures that must stay as they are.

    python -m tests.synth.opacities.golden > tests/synth/opacities/assets/golden.json

Whoever changes them on purpose writes them anew and says so in CHANGELOG.md: the versions built before stay another
data set.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from artasyn.synth.config import load_config
from artasyn.synth.opacities import SecondImage, synthesize
from artasyn.synth.opacities.kinds.registry import KINDS
from artasyn.synth.opacities.rivals.registry import IN_LUNG, RIVALS
from artasyn.synth.seeds import generator
from artasyn.synth.sources.phantom import Phantom, draw_phantom, render_phantom

__all__ = ["pictures"]

SIZE, PARTS = 128, 5
PRESETS = {"default": 6, "paper": 3}
"""How many opacities of each preset are kept."""


def pictures() -> Iterator[tuple[str, list[int]]]:
    """Yield name and tenths of a grey value: of phantoms, and of what each preset, kind and rival changes."""
    phantoms = [_phantom(seed) for seed in range(4)]
    for seed, phantom in enumerate(phantoms):
        yield f"phantom {seed}", _parts(phantom.image)
        yield (
            f"phantom {seed}: lungs, lesions",
            _parts(60 * phantom.whole_lungs + 60 * phantom.lungs + phantom.mask),
        )
    default = load_config("default").opacities
    configs = {preset: (load_config(preset).opacities, count) for preset, count in PRESETS.items()}
    for kind in (*KINDS, *RIVALS, *(f"{rival}{IN_LUNG}" for rival in RIVALS)):
        configs[f"kind {kind}"] = replace(default, kinds={kind: 1.0}, composition=(1.0,)), 2
    second = SecondImage(image_id="second", pixels_sha256="", pixels=phantoms[2].image)
    for name, (config, count) in configs.items():
        for seed in range(count):
            image, lungs = phantoms[seed % 2].image, phantoms[seed % 2].lungs
            rng = generator(seed, name, 0, stage="golden")
            opacity = synthesize(image, lungs, rng=rng, config=config, second=lambda: second)
            yield f"{name} {seed}", _parts(opacity.altered.astype(np.float32) - image)
            yield f"{name} {seed}: alpha, outline", _parts(opacity.alpha / 2 + 120.0 * opacity.outline)


def _phantom(seed: int) -> Phantom:
    drawn = draw_phantom(rng=generator(seed, "golden", 0), abnormal=seed % 2 == 1)
    return render_phantom(drawn, size=SIZE)


def _parts(picture: np.ndarray) -> list[int]:
    """Return ten times the mean of each square part of a picture."""
    means = cv2.resize(picture.astype(np.float32), (PARTS, PARTS), interpolation=cv2.INTER_AREA)
    return [round(10 * float(mean)) for mean in means.ravel()]


if __name__ == "__main__":
    print(
        "{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(parts)}" for name, parts in pictures()) + "\n}"
    )
