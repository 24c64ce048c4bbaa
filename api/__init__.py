"""Synthetic lung opacities from normal chest radiographs, a trainer for them, and a zero-shot evaluator.

    import numpy as np
    import artasyn
    lungs = artasyn.segment_lungs(image)  # image: (H, W) uint8
    opacity = artasyn.synthesize(image, lungs.labels, rng=np.random.default_rng(0))

`opacity.altered`, `opacity.alpha` and `opacity.mask` are `(H, W)` uint8. Names load on first use, so that
`import artasyn` costs nothing; a name whose libraries are not installed says which extra it needs.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artasyn.data_manifests.store.version import open_version
    from artasyn.eval.prediction.predictor import Predictor
    from artasyn.opacity_dataset import OpacityDataset
    from artasyn.synth.lungs import segment_lungs
    from artasyn.synth.lungs.sides import label_sides
    from artasyn.synth.opacities import synthesize
    from artasyn.train.data.store_dataset import StoreDataset
    from artasyn.train.fitting.fit_stores import fit

    __version__: str

__all__ = [
    "OpacityDataset",
    "Predictor",
    "StoreDataset",
    "__version__",
    "fit",
    "label_sides",
    "open_version",
    "segment_lungs",
    "synthesize",
]

_HOMES = {
    "OpacityDataset": "artasyn.opacity_dataset",
    "Predictor": "artasyn.eval.prediction.predictor",
    "StoreDataset": "artasyn.train.data.store_dataset",
    "fit": "artasyn.train.fitting.fit_stores",
    "label_sides": "artasyn.synth.lungs.sides",
    "open_version": "artasyn.data_manifests.store.version",
    "segment_lungs": "artasyn.synth.lungs",
    "synthesize": "artasyn.synth.opacities",
}


_EXTRAS = {"OpacityDataset": "synth,train"}
"""What a name needs that is not of one program."""


def __getattr__(name: str) -> object:
    """Load a public name from its home when it is first asked for."""
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("artasyn")
    if name not in _HOMES:
        raise AttributeError(f"module 'artasyn' has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(_HOMES[name]), name)
    except ModuleNotFoundError as error:
        missing = importlib.import_module("artasyn.data_manifests.extras").missing_extra(
            error, where=f"artasyn.{name}", program=_EXTRAS.get(name, _HOMES[name].split(".")[1])
        )
        raise missing or error from error


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
