"""How many images a second: beside the count while images are scored."""

import time
from collections.abc import Callable

__all__ = ["ImageRate"]


class ImageRate:
    """Pass progress on to a bar, with the images a second since its first call; a new count begins anew."""

    def __init__(
        self, bar: Callable[[float, float, str], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._bar, self._clock = bar, clock
        self._first, self._began, self._last = 0, 0.0, -1

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` images are scored."""
        now = self._clock()
        if done <= self._last or self._last < 0:
            self._first, self._began = done, now
        self._last = done
        seconds = now - self._began
        self._bar(done, total, f"{(done - self._first) / seconds:.1f} images/s" if seconds > 0 else "")
