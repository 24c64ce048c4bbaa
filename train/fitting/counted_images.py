"""Count the images that are looked at after the last step, for whoever watches the training."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from artasyn.train.fitting.trainer import TrainingProgress

__all__ = ["CountedImages"]

Image = TypeVar("Image")


class CountedImages:
    """Several passes over images, `total` in all, that a training ends with."""

    def __init__(
        self, total: int, ended: TrainingProgress, watch: Callable[[TrainingProgress], None]
    ) -> None:
        self._now, self._watch = replace(ended, all_images=total), watch

    def over(self, images: Iterator[Image], work: str) -> Iterator[Image]:
        """Yield the images, and tell of each that it was looked at for this work."""
        for image in images:
            yield image
            self._now = replace(self._now, work=work, images=self._now.images + 1)
            self._watch(self._now)

    def end(self) -> None:
        """Tell that nothing is still to come."""
        self._watch(replace(self._now, complete=True))
