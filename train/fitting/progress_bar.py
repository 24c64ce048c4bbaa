"""Show the progress of a training in one line."""

from artasyn.data_manifests.progress import ProgressBar
from artasyn.train.fitting.trainer import TrainingProgress

__all__ = ["TrainingBar"]

FREEZING = "all steps taken; now image score and thresholds"


class TrainingBar(ProgressBar):
    """A progress bar with loss, speed and held-out Dice."""

    def __init__(self, *, visible: bool) -> None:
        super().__init__("training", visible=visible)
        self._dice = ""
        self.last: TrainingProgress | None = None
        """The latest that was shown."""

    def show(self, done: TrainingProgress) -> None:
        """Show the state of the training."""
        self.last = done
        if done.trained:
            self._finish(done)
            return
        if "loss" not in done.row:  # a run that was finished before
            return
        loss, speed = done.row["loss"], done.row["images_per_second"]
        if "held_out_dice" in done.row:
            dice = f"Dice {done.row['held_out_dice']:.3f}"
            self._dice = f" {dice}"
            best = f"best at step {done.best_step:,}"
            self.tell(
                f"{100 * done.share:.0f} %  step {done.step:,}, loss {loss:.4f}, held-out {dice}, {best}"
            )
        self(done.share, 1, f"step {done.step:,} loss {loss:.3f}{self._dice} {speed:.0f} images/s")

    def _finish(self, done: TrainingProgress) -> None:
        """Show image score and thresholds, which take from seconds to minutes and are no part of the budget."""
        if done.complete:
            self.tell(f"image score and thresholds are there, {done.images:,} images looked at")
        elif done.all_images:
            self(done.images, done.all_images, done.work)
        else:
            self.tell(FREEZING)
            self.begin("finishing")
