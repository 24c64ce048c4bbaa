"""How long a training has taken, and the means of its latest steps."""

import math
import time
from typing import Any

import torch

from artasyn.train.data.dataset import Item
from artasyn.train.data.loader import BatchFeed
from artasyn.train.fitting.step import StepResult

__all__ = ["Clock", "NonFiniteLossError", "Window"]


class NonFiniteLossError(ArithmeticError):
    """A loss or gradient is not finite; carries the step, its losses and the items they came from."""

    def __init__(self, step: int, losses: dict[str, float], items: tuple[Item, ...]) -> None:
        self.step, self.losses, self.items = step, losses, items
        super().__init__(f"loss is not finite at step {step}: {losses}")


class Clock:
    """Seconds spent training, those of earlier starts included."""

    def __init__(self, before: float) -> None:
        self._origin = time.monotonic() - before

    def seconds(self) -> float:
        """Return the seconds up to now."""
        return time.monotonic() - self._origin


class Window:
    """The steps since the last line of the log; their values stay on the device until the next one."""

    def __init__(self, feed: BatchFeed[Any], *, skips: bool) -> None:
        """Watch `feed` too. `skips`: whether a step whose gradient overflows is left out (float16), not an error."""
        self._feed, self._skips = feed, skips
        self._clear()

    def _clear(self) -> None:
        self._results: list[StepResult] = []
        self._began, self._waited = time.perf_counter(), self._feed.waited

    @property
    def steps(self) -> int:
        """Return the number of steps taken in."""
        return len(self._results)

    def add(self, result: StepResult) -> None:
        """Take in a step."""
        self._results.append(result)

    def means(self) -> dict[str, float]:
        """Wait for the device, return the means and begin anew.

        With `skips` the number of steps left out too. Raises NonFiniteLossError for the first step at fault.
        """
        results = self._results
        rows = torch.stack([result.values for result in results]).tolist()
        table = [dict(zip(result.names, row, strict=True)) for result, row in zip(results, rows, strict=True)]
        for result, row in zip(results, table, strict=True):
            if not all(math.isfinite(row[name]) for name in row if not (self._skips and name == "gradient")):
                raise NonFiniteLossError(result.step, row, result.items)
        spent = time.perf_counter() - self._began
        taken = [row for row in table if math.isfinite(row["gradient"])]
        means = {name: sum(row[name] for row in table) / len(table) for name in table[0]}
        if self._skips:
            means["gradient"] = sum(row["gradient"] for row in taken) / max(1, len(taken))
            means["skipped"] = len(table) - len(taken)
        means["images_per_second"] = round(sum(result.images for result in results) / spent, 2)
        means["share_waiting"] = round((self._feed.waited - self._waited) / spent, 4)
        self._clear()
        return means
