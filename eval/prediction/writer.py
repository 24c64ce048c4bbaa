"""Write predictions as files: heat map, mask and overlay an image, one table and one JSON for all."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.files import write_file, write_text
from artasyn.data_manifests.images.dicom import is_dicom
from artasyn.data_manifests.images.file_types import looks_like_image
from artasyn.eval.inference import run_digest
from artasyn.eval.pictures import heat, overlay, png
from artasyn.eval.prediction.dicom_seg import write_segmentation
from artasyn.eval.prediction.predictor import Prediction, Predictor
from artasyn.eval.summary.summarise import NOTICE

__all__ = ["Outputs", "find_images"]

COLUMNS = (
    "file",
    "score",
    "abnormal",
    "marked_share",
    "height",
    "width",
    "heat",
    "mask",
    "overlay",
    "segmentation",
)


TROUBLE = ("file", "kind", "message")


@dataclass(slots=True)
class Outputs:
    """A folder of predictions being written; it and `scores.csv` grow with each `add_`."""

    folder: Path
    predictor: Predictor
    lines: list[dict[str, Any]] = field(default_factory=list)
    bad: list[dict[str, str]] = field(default_factory=list)
    unsegmented: list[dict[str, str]] = field(default_factory=list)
    """DICOM files that have their pictures and their line, and no Segmentation object; with the reason."""

    def add_(self, prediction: Prediction) -> None:
        """Write one image's heat map, mask and overlay, and for DICOM its Segmentation object."""
        name, top = self._free_name(prediction.path), self.predictor.heat_top
        self.folder.mkdir(parents=True, exist_ok=True)
        pictures: dict[str, NDArray[Any]] = {
            "heat": heat(prediction.anomaly, top=top),
            "mask": prediction.mask,
            "overlay": overlay(prediction.image, prediction.anomaly, prediction.mask, top=top),
        }
        files = {kind: f"{name}.{kind}.png" for kind in pictures}
        for kind, picture in pictures.items():
            write_file(self.folder / files[kind], png(picture))
        line = {
            "file": str(prediction.path),
            "score": round(prediction.score, 6),
            "abnormal": prediction.abnormal,
            "marked_share": round(float(prediction.mask.mean()), 6),
            "height": prediction.image.shape[0],
            "width": prediction.image.shape[1],
        }
        self.lines.append(line | files | {"segmentation": self._segmentation(prediction, name)})
        _append(self.folder / "scores.csv", COLUMNS, self.lines)

    def add_bad_(self, path: Path, error: ImageError) -> None:
        """Note a file that could not be used."""
        self.bad.append(_trouble(path, error))
        self.folder.mkdir(parents=True, exist_ok=True)
        _append(self.folder / "bad_files.csv", TROUBLE, self.bad)

    def finish(self) -> None:
        """Write `predictions.json`, and let go of tables that an earlier call left and this one has no line for."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, lines in (("scores.csv", self.lines), ("bad_files.csv", self.bad)):
            if not lines:
                (self.folder / name).unlink(missing_ok=True)
        run = self.predictor.run
        document = {
            "notice": NOTICE,
            "run": {"name": run.path.name, "digest": run_digest(run), "size": run.size},
            "thresholds": {"pixel": run.thresholds.pixel, "image": run.thresholds.image},
            "heat_scale": {"from": 0.0, "to": self.predictor.heat_top},
            "images": self.lines,
            "bad_files": self.bad,
            "without_segmentation": self.unsegmented,
        }
        text = json.dumps(document, indent=1, allow_nan=False)
        write_text(self.folder / "predictions.json", text + "\n")

    def _segmentation(self, prediction: Prediction, name: str) -> str:
        """Write the Segmentation object of a DICOM source; an obstacle is noted and stops nothing else."""
        if not is_dicom(prediction.path):
            return ""
        file = f"{name}.seg.dcm"
        try:
            digest = run_digest(self.predictor.run)[:16]
            write_segmentation(prediction.path, prediction.mask, self.folder / file, run=digest)
        except ImageError as error:
            self.unsegmented.append(_trouble(prediction.path, error))
            return ""
        return file

    def _free_name(self, path: Path) -> str:
        """Return the file's stem, numbered where an earlier image of the same name took it."""
        taken = {line["mask"].removesuffix(".mask.png") for line in self.lines}
        names = (path.stem if k == 1 else f"{path.stem}-{k}" for k in range(1, len(taken) + 2))
        return next(name for name in names if name not in taken)


def find_images(paths: Iterable[Path]) -> tuple[list[Path], int]:
    """Return the files named and the images below each folder, and how many other files lie there.

    Images are told by their names, DICOM files without a suffix, as archives write them, by their letters.
    """
    found, others = [], 0
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(p for p in path.rglob("*") if p.is_file())
        images = [p for p in inside if looks_like_image(p)]
        found, others = found + images, others + len(inside) - len(images)
    return found, others


def _trouble(path: Path, error: ImageError) -> dict[str, str]:
    return {"file": str(path), "kind": error.kind, "message": str(error)}


def _append(path: Path, columns: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> None:
    """Add the last line to a table, begun anew with the first: whoever stops the command keeps what there is."""
    with path.open("w" if len(lines) == 1 else "a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        if len(lines) == 1:
            writer.writeheader()
        writer.writerow(lines[-1])
