"""Turn normal chest radiographs into synthetic lung opacities with exact masks.

    import numpy as np
    import artasyn.synth
    config = synth.load_config("default")
    lungs = synth.segment_lungs(image, config.lungs)  # image: (H, W) uint8
    opacity = synth.synthesize(image, lungs.labels, rng=np.random.default_rng(0), config=config.opacities)

`opacity.altered`, `opacity.alpha` and `opacity.mask` are `(H, W)` uint8. Names load on first use, so that
`import synth` costs nothing.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artasyn.synth.config import load_config
    from artasyn.synth.lungs import segment_lungs
    from artasyn.synth.opacities import draw_opacity, render_opacity, synthesize

__all__ = ["draw_opacity", "load_config", "render_opacity", "segment_lungs", "synthesize"]

_HOMES = {"load_config": "artasyn.synth.config", "segment_lungs": "artasyn.synth.lungs"}


def __getattr__(name: str) -> object:
    """Load a public name from its home when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module 'synth' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES.get(name, "artasyn.synth.opacities")), name)
