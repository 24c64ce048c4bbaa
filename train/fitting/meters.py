"""How long a training has taken, and the means of its latest steps."""

import time
from collections import defaultdict

from artasyn.train.data.loader import BatchFeed
from artasyn.train.fitting.step import StepResult

__all__ = ["Clock", "Window"]


class Clock:
    """Seconds spent training, those of earlier starts included."""

    def __init__(self, before: float) -> None:
        self._origin = time.monotonic() - before

    def seconds(self) -> float:
        """Return the seconds up to now."""
        return time.monotonic() - self._origin


class Window:
    """Means over the steps since the last line of the log."""

    def __init__(self, feed: BatchFeed) -> None:
        self._feed = feed
        self._clear()

    def _clear(self) -> None:
        self._sums: defaultdict[str, float] = defaultdict(float)
        self.steps = self._images = 0
        self._began, self._waited = time.perf_counter(), self._feed.waited

    def add(self, result: StepResult) -> None:
        """Take in a step."""
        for name, value in result.losses.items():
            self._sums[name] += value
        self.steps += 1
        self._images += result.images

    def means(self) -> dict[str, float]:
        """Return the means, and begin anew."""
        spent = time.perf_counter() - self._began
        means = {name: total / self.steps for name, total in self._sums.items()}
        means["images_per_second"] = round(self._images / spent, 2)
        means["share_waiting"] = round((self._feed.waited - self._waited) / spent, 4)
        self._clear()
        return means
