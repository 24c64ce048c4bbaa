"""Apply a run to image files: anomaly map, mask and score at each image's own geometry.

from artasyn.eval.prediction.predictor import Predictor
for prediction in Predictor.load("starter").predict(["chest.png"]):
    print(prediction.score, prediction.mask.mean())
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.decode import decode_image
from artasyn.data_manifests.images.file_bytes import read_file
from artasyn.data_manifests.images.geometry import Squaring
from artasyn.data_manifests.images.grey_array import check_grey
from artasyn.data_manifests.images.header_notes import header_notes
from artasyn.data_manifests.notebook import facts_html
from artasyn.eval.inference import infer_in_full, move_run
from artasyn.eval.pages.words import marked_in_words
from artasyn.eval.pictures import data_uri, overlay
from artasyn.eval.prediction.reliability import doubts, few_greys, shows_lungs
from artasyn.train.runs.heat import heat_top
from artasyn.train.runs.run import Run, open_run
from artasyn.train.scoring.thresholds import predicted_mask

__all__ = ["Prediction", "Predictor"]

Image = Path | str | NDArray[np.uint8]
Images = Image | Iterable[Image]
BadImage = Callable[[Path, ImageError], None]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Prediction:
    """What a run says of one image; all arrays `(H, W)` as the file has them."""

    path: Path
    """Of the file; `.` for an array."""
    image: NDArray[np.uint8]
    anomaly: NDArray[np.float32]
    """Anomaly map in [0, 1]."""
    mask: NDArray[np.bool_]
    """Where the map reaches the run's frozen pixel threshold."""
    score: float
    """The same as `artasyn-eval score` gives."""
    abnormal: bool
    """Whether the score reaches the run's frozen image threshold."""
    doubts: tuple[str, ...] = ()
    """Why the verdict is not to be relied on; empty where it is."""
    heat_top: float = 1.0
    """Top of the colour scale of `anomaly`, the same for all images of the run."""
    lungs: NDArray[np.bool_] | None = None
    """The lung field that the run finds; None where it finds none, or was not taught to."""

    @property
    def marked_share_of_lungs(self) -> float | None:
        """Share of the lungs that the run finds that is marked; None without them."""
        if self.lungs is None:
            return None
        return float(np.count_nonzero(self.mask & self.lungs) / np.count_nonzero(self.lungs))

    @property
    def marked_share_of_image(self) -> float:
        """Share of the image that is marked."""
        return float(self.mask.mean())

    def __repr__(self) -> str:
        """Return a line; the arrays are too long for one."""
        where = "at or above" if self.abnormal else "below"
        doubts = f"; doubts: {', '.join(self.doubts)}" if self.doubts else ""
        marked = marked_in_words(self.marked_share_of_lungs, self.marked_share_of_image)
        verdict = f"score {self.score:.3f}, {where} the threshold; {marked}"
        return f"<Prediction of {self.path}: {verdict}{doubts}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the image, the heat map over it, and the verdict."""
        hot = overlay(self.image, self.anomaly, self.mask, top=self.heat_top)
        facts = {
            "score": f"{self.score:.3f}",
            "verdict": "at or above the image threshold" if self.abnormal else "below the image threshold",
            "marked": marked_in_words(self.marked_share_of_lungs, self.marked_share_of_image),
            "doubts": "; ".join(self.doubts) or "none",
        }
        pictures = [("image", data_uri(self.image)), ("anomaly map", data_uri(hot))]
        title = f"{self.path.name or 'array'}: research only, not for diagnosis"
        return facts_html(title, facts, pictures=pictures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictor:
    """A run, ready to be applied."""

    run: Run

    @classmethod
    def load(cls, run: Path | str, *, device: str = "cpu") -> "Predictor":
        """Open a run folder, or the shipped run by the name `starter`; its network works on `device`: `cpu`, `cuda`.

        Raises RunError, and ConfigError where there is no such device.
        """
        return cls(run=move_run(open_run(Path(run)), device))

    @property
    def heat_top(self) -> float:
        """Top of the colour scale: the threshold lies in its middle, the same for all images of the run."""
        return heat_top(self.run.thresholds.pixel)

    def predict(self, images: Images, *, on_bad: BadImage | None = None) -> Iterator[Prediction]:
        """Yield one prediction an image, in order: PNG, JPEG, TIFF or DICOM files, or grey arrays `(H, W)` uint8.

        A file that cannot be used is given to `on_bad` and skipped; without it ImageError is raised.
        """
        for source in _several(images):
            if isinstance(source, np.ndarray):
                yield self.predict_array(source)
                continue
            path = Path(source)
            try:
                data = read_file(path)
                image = decode_image(path, data)
            except ImageError as error:
                if on_bad is None:
                    raise
                on_bad(path, error)
                continue
            odd = tuple(note.partition(": ")[2] for note in header_notes(path, data))
            found = self.predict_array(image, path=path)
            yield replace(found, doubts=odd + found.doubts) if odd else found

    def predict_array(self, image: NDArray[np.uint8], *, path: Path | str = "") -> Prediction:
        """Return the prediction for a grey image, `(H, W)` uint8. Raises ImageError for another array."""
        check_grey(image)
        squaring = Squaring((image.shape[0], image.shape[1]), self.run.size, self.run.squaring)
        square = squaring.image(image)
        found = infer_in_full(self.run, square)
        restored = np.clip(squaring.map_back(found.anomaly), 0, 1)
        return Prediction(
            path=Path(path),
            image=image,
            anomaly=restored,
            mask=predicted_mask(restored, self.run.thresholds.pixel),
            score=found.score,
            abnormal=found.score >= self.run.thresholds.image,
            heat_top=self.heat_top,
            lungs=_lungs(square, found.lungs, squaring),
            doubts=few_greys(image)
            + doubts(
                square,
                image.shape,
                squaring=self.run.squaring,
                lungs=found.lungs,
                find_lungs=lambda image: infer_in_full(self.run, image).lungs,
                excess_distance=found.excess_distance,
            ),
        )


def _lungs(
    square: NDArray[np.uint8], lungs: NDArray[np.float32] | None, squaring: Squaring
) -> NDArray[np.bool_] | None:
    """Return the lung field at the image's own geometry, from its probability at the network's size."""
    if lungs is None or not shows_lungs(square, lungs):
        return None
    times = squaring.size // len(lungs)
    field = squaring.map_back(lungs.repeat(times, axis=0).repeat(times, axis=1)) >= 0.5
    return field if field.any() else None


def _several(images: Images) -> Iterable[Image]:
    """Return what was given, a single image in a list: the letters of a path and the rows of an array are no images."""
    if isinstance(images, np.ndarray):
        return [images] if images.ndim == 2 else list(images)
    return [images] if isinstance(images, str | Path) else images
