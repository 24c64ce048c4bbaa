"""What readers marked beside the mask of a store: boxes, and masks by finding."""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.images.run_lengths import decode_runs
from artasyn.eval.metrics.boxes import fill_boxes

__all__ = ["Annotations", "read_annotations"]


@dataclass(frozen=True, kw_only=True)
class Annotations:
    """Boxes and masks by finding of n images."""

    boxes: tuple[NDArray[np.float64], ...]
    """`(k, 4)` for each image: x, y, width, height in stored pixels."""
    names: tuple[tuple[str, ...], ...]
    """The finding of each box; empty where none is named."""
    runs: tuple[Mapping[str, str], ...]
    """Run lengths of each finding's mask."""
    findings: tuple[str, ...]
    """All findings that are named anywhere, in order."""

    @functools.cached_property
    def boxed(self) -> NDArray[np.bool_]:
        """Tell which images have a box."""
        return np.array([len(boxes) > 0 for boxes in self.boxes], bool)

    def has(self, finding: str) -> NDArray[np.bool_]:
        """Tell which images a finding is marked on, by boxes or by a mask."""
        pairs = zip(self.names, self.runs, strict=True)
        return np.array([finding in names or bool(runs.get(finding)) for names, runs in pairs], bool)

    def masks(self, i: int, shape: tuple[int, int]) -> NDArray[np.bool_]:
        """Return each finding's mask on the i-th image, `(F, H, W)`; boxes are filled where there is no mask."""
        masks = np.zeros((len(self.findings), *shape), bool)
        for k, finding in enumerate(self.findings):
            if finding in self.runs[i]:
                masks[k] = decode_runs(self.runs[i][finding], shape)
            else:
                named = [name == finding for name in self.names[i]]
                masks[k] = fill_boxes(self.boxes[i][named], shape)
        return masks


def read_annotations(boxes: Sequence[str], records: Sequence[str]) -> Annotations:
    """Read the columns `boxes` and `record` of an evaluation version, one text an image."""
    lists = [json.loads(text) for text in boxes]
    runs = [json.loads(text).get("findings", {}) for text in records]
    names = [tuple(str(box[4]) if len(box) > 4 else "" for box in drawn) for drawn in lists]
    known = {name for part in names for name in part if name}.union(*runs)
    return Annotations(
        boxes=tuple(np.array([box[:4] for box in drawn], np.float64).reshape(-1, 4) for drawn in lists),
        names=tuple(names),
        runs=tuple(runs),
        findings=tuple(sorted(known)),
    )
