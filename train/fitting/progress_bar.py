"""Show on a terminal how a training goes."""

from types import TracebackType

from rich import progress

from artasyn.train.fitting.trainer import Progress

__all__ = ["ProgressBar"]


class ProgressBar:
    """A bar with loss, speed, held-out Dice and the time left; use as a context."""

    def __init__(self, *, visible: bool) -> None:
        self._bar = progress.Progress(
            progress.BarColumn(),
            progress.TaskProgressColumn(),
            progress.TextColumn("{task.description}"),
            progress.TimeElapsedColumn(),
            progress.TimeRemainingColumn(),
            disable=not visible,
        )
        self._task = self._bar.add_task("starting", total=1.0)
        self._dice = ""
        self.last: Progress | None = None
        """The latest that was shown."""

    def __enter__(self) -> "ProgressBar":
        """Start drawing."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop drawing."""
        self._bar.stop()

    def show(self, done: Progress) -> None:
        """Draw the state of the training."""
        self.last = done
        if "loss" not in done.row:  # a run that was finished before
            return
        if "held_out_dice" in done.row:
            self._dice = f", held-out Dice {done.row['held_out_dice']:.3f}"
        loss, speed = done.row["loss"], done.row["images_per_second"]
        text = f"step {done.step}, loss {loss:.4f}{self._dice}, {speed:.0f} images/s"
        self._bar.update(self._task, completed=done.share, description=text)
