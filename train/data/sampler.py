"""In which order studies are visited: a pure function of (seed, epoch), independent of workers and restarts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from artasyn.train.runtime.seeds import number_generator

__all__ = ["StudyOrder"]


class StudyOrder:
    """An endless sequence of (store, study) places, mixed from several stores by weight.

    Each store gives its own endless sequence: every study once an epoch, in windows of whole shards that are
    shuffled together (so that reads of one window come from few files).
    """

    def __init__(
        self, shards: Sequence[NDArray[np.int64]], *, weights: Sequence[float], window: int, seed: int
    ) -> None:
        """Take the shard of each study, one array a store; `window` shards are mixed, 0 for all of them."""
        self.shards, self.window, self.seed = tuple(shards), window, seed
        total = sum(len(s) for s in self.shards)
        share = np.asarray(weights, dtype=np.float64) / np.sum(weights)
        self.quotas = tuple(max(1, round(float(s) * total)) for s in share)
        self._known: dict[int, NDArray[np.int64]] = {}

    def __len__(self) -> int:
        """Return the number of places of one epoch of the mixture."""
        return sum(self.quotas)

    def places(self, start: int, count: int) -> NDArray[np.int64]:
        """Return places `start ... start + count - 1` of the endless sequence: `(count, 2)` of (store, study)."""
        found = []
        while count > 0:
            epoch, offset = divmod(start, len(self))
            part = self._mixed(epoch)[offset : offset + count]
            found.append(part)
            start, count = start + len(part), count - len(part)
        return np.concatenate(found) if found else np.empty((0, 2), np.int64)

    def _mixed(self, epoch: int) -> NDArray[np.int64]:
        """Return the epoch's places; the two latest epochs are kept."""
        if epoch not in self._known:
            self._known = {k: v for k, v in self._known.items() if k == epoch - 1} | {epoch: self._mix(epoch)}
        return self._known[epoch]

    def _mix(self, epoch: int) -> NDArray[np.int64]:
        """Interleave the stores' own sequences at random; each keeps its order."""
        stores = np.repeat(np.arange(len(self.quotas)), self.quotas)
        number_generator(self.seed, epoch, stage="mixture").shuffle(stores)
        places = np.empty((len(stores), 2), np.int64)
        places[:, 0] = stores
        for store, quota in enumerate(self.quotas):
            places[stores == store, 1] = self._slice(store, epoch * quota, quota)
        return places

    def _slice(self, store: int, start: int, count: int) -> NDArray[np.int64]:
        size = len(self.shards[store])
        first, last = start // size, (start + count - 1) // size
        visited = np.concatenate([self._shuffled(store, epoch) for epoch in range(first, last + 1)])
        return visited[start - first * size :][:count]

    def _shuffled(self, store: int, epoch: int) -> NDArray[np.int64]:
        rng = number_generator(self.seed, epoch, stage=f"store {store}")
        shards = self.shards[store]
        names = rng.permutation(np.unique(shards))
        window = self.window or len(names)
        parts = [np.flatnonzero(np.isin(shards, names[i : i + window])) for i in range(0, len(names), window)]
        return np.concatenate([rng.permutation(part) for part in parts])
