"""How far a piece of work is: a bar on a terminal, elsewhere a plain line now and then."""

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

__all__ = ["Progress", "ProgressBar"]

Progress = Callable[[int, int], None]
"""Is told how many of how many are done, such as a `ProgressBar`."""

EVERY = 60.0
"""Seconds between plain lines."""


class ProgressBar:
    """Use as a context, and call it with how much of how much is done; writes to standard error."""

    def __init__(
        self, title: str, *, visible: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._title, self._visible, self._clock = title, visible, clock
        self._stack = ExitStack()
        self._bar: Any = None
        self._told = clock()

    def __enter__(self) -> Self:
        """Begin to draw, where there is a terminal."""
        if self._visible and sys.stderr.isatty():
            self._bar = self._stack.enter_context(_bar(self._title))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        self._stack.close()

    def __call__(self, done: float, total: float, note: str = "") -> None:
        """Show that `done` of `total` is done: counts, or a share of 1; `note` tells more."""
        counts = f"{done:,} of {total:,}" if total > 1 else f"{100 * done:.0f} %"
        text = f"{counts}  {note}".rstrip()
        if self._bar is not None:
            self._bar.update(0, completed=done, total=total, text=text)
        elif self._clock() - self._told >= EVERY:
            self.tell(text)

    def begin(self, title: str) -> None:
        """Go on with other work: the time that remains is reckoned anew."""
        self._stack.close()
        self._bar, self._title = None, title
        self.__enter__()

    def tell(self, text: str) -> None:
        """Write a plain line at once, where no bar is drawn."""
        if self._bar is None and self._visible:
            self._told = self._clock()
            print(f"{self._title}: {text}", file=sys.stderr, flush=True)


def _bar(title: str) -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Display

    text = TextColumn("{task.fields[text]}", markup=False)
    columns = (title, BarColumn(bar_width=8), text, TimeRemainingColumn())  # 80 columns hold it
    bar = Display(*columns, console=Console(stderr=True), transient=True)
    bar.add_task("", total=None, text="")
    return bar
