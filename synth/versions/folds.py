"""Part groups of samples into folds, so that no patient is on both sides."""

import hashlib
from collections.abc import Mapping, Sequence

__all__ = ["folds_of"]

FOLDS = 5
"""As nnU-Net has them."""


def folds_of(groups: Mapping[str, Sequence[str]]) -> list[dict[str, list[str]]]:
    """Return for each fold the names of its training and validation samples, as nnU-Net's `splits_final.json` has them.

    `groups` holds the samples of each patient. Folds are of even size as far as patients allow, and follow from the
    names of the groups alone; fewer than two groups make none.
    """
    folds = min(FOLDS, len(groups))
    if folds < 2:
        return []
    held: list[list[str]] = [[] for _ in range(folds)]
    for group in sorted(groups, key=lambda name: hashlib.sha256(name.encode()).hexdigest()):
        min(held, key=len).extend(groups[group])
    every = {name for names in groups.values() for name in names}
    return [{"train": sorted(every - set(names)), "val": sorted(names)} for names in held]
