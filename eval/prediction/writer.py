"""Write predictions as files: heat map, mask and overlay an image, one table and one JSON for all."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.files import csv_text
from artasyn.data_manifests.images.file_types import bare_name, is_dicom, readable_name
from artasyn.data_manifests.outputs import OutputFolder
from artasyn.eval.inference import run_digest
from artasyn.eval.pictures import overlay, png
from artasyn.eval.prediction.dicom_seg import encode_segmentation
from artasyn.eval.prediction.predictor import Prediction, Predictor
from artasyn.eval.summary.summarise import NOTICE
from artasyn.train.runs.heat import heat

__all__ = ["Outputs"]

COLUMNS = (
    "file",
    "score",
    "abnormal",
    "reliable",
    "doubts",
    "marked_share_of_lungs",
    "marked_share_of_image",
    "height",
    "width",
    "heat",
    "mask",
    "overlay",
    "segmentation",
)


PICTURES = ("heat", "mask", "overlay")
TROUBLE = ("file", "kind", "message")


class Outputs:
    """A folder of predictions being written; it and `scores.csv` grow with each `add_`. Nothing of the user's in it
    is replaced, unless with `force`: OutputError is raised then."""

    def __init__(self, folder: Path, predictor: Predictor, *, force: bool = False) -> None:
        self.folder, self.predictor = OutputFolder(folder, force=force), predictor
        self._digest = run_digest(predictor.run)
        self.lines: list[dict[str, Any]] = []
        self.bad: list[dict[str, str]] = []
        self.unsegmented: list[dict[str, str]] = []
        """DICOM files that have their pictures and their line, and no Segmentation object; with the reason."""
        self._names = Names()

    def check(self, paths: Iterable[Path]) -> None:
        """Raise OutputError where a file of these images would replace one of the user's, before any work is done."""
        names = Names()
        for path in paths:
            name = names.take(_stem(path))
            for kind in PICTURES:
                self.folder.check(f"{name}.{kind}.png")
        for table in ("scores.csv", "bad_files.csv", "predictions.json"):
            self.folder.check(table)

    def add_(self, prediction: Prediction) -> None:
        """Write one image's heat map, mask and overlay, and for DICOM its Segmentation object."""
        name, top = self._names.take(_stem(prediction.path)), self.predictor.heat_top
        pictures: dict[str, NDArray[Any]] = {
            "heat": heat(prediction.anomaly, top=top),
            "mask": prediction.mask,
            "overlay": overlay(prediction.image, prediction.anomaly, prediction.mask, top=top),
        }
        files = {kind: f"{name}.{kind}.png" for kind in PICTURES}
        for kind, picture in pictures.items():
            self.folder.write(files[kind], png(picture))
        of_lungs = prediction.marked_share_of_lungs
        line = {
            "file": readable_name(str(prediction.path)),
            "score": round(prediction.score, 6),
            "abnormal": prediction.abnormal,
            "reliable": not prediction.doubts,
            "doubts": "; ".join(prediction.doubts),
            "marked_share_of_lungs": None if of_lungs is None else round(of_lungs, 6),
            "marked_share_of_image": round(prediction.marked_share_of_image, 6),
            "height": prediction.image.shape[0],
            "width": prediction.image.shape[1],
        }
        self.lines.append(line | files | {"segmentation": self._segmentation(prediction, name)})
        self._grow("scores.csv", COLUMNS, self.lines)

    def add_bad_(self, path: Path, error: ImageError) -> None:
        """Note a file that could not be used."""
        self.bad.append(_trouble(path, error))
        self._grow("bad_files.csv", TROUBLE, self.bad)

    def finish(self) -> None:
        """Write `predictions.json`, and let go of tables that an earlier call left and this one has no line for."""
        for name, lines in (("scores.csv", self.lines), ("bad_files.csv", self.bad)):
            if lines:
                self.folder.end(name)
            else:
                self.folder.remove(name)
        run = self.predictor.run
        document = {
            "notice": NOTICE,
            "run": {
                "name": run.path.name,
                "digest": self._digest,
                "size": run.size,
                "pretrained": run.pretrained,
            },
            "map": {
                "seen_at": run.size // run.network.shrink,
                "enlarged_to": run.size,
                "unit": "pixels a side",
            },
            "thresholds": {"pixel": run.thresholds.pixel, "image": run.thresholds.image},
            "heat_scale": {"from": 0.0, "to": self.predictor.heat_top},
            "images": self.lines,
            "bad_files": self.bad,
            "without_segmentation": self.unsegmented,
        }
        text = json.dumps(document, indent=1, allow_nan=False)
        self.folder.write_text("predictions.json", text + "\n")

    def _grow(self, name: str, columns: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> None:
        """Add the last line to a table, begun anew with the first."""
        line = csv_text([[lines[-1][column] for column in columns]])
        if len(lines) == 1:
            self.folder.begin(name, csv_text([columns]) + line)
        else:
            self.folder.grow(name, line)

    def _segmentation(self, prediction: Prediction, name: str) -> str:
        """Write the Segmentation object of a DICOM source; an obstacle is noted and stops nothing else."""
        if not is_dicom(prediction.path):
            return ""
        file = f"{name}.seg.dcm"
        try:
            self.folder.write(
                file, encode_segmentation(prediction.path, prediction.mask, run=self._digest[:16])
            )
        except ImageError as error:
            self.unsegmented.append(_trouble(prediction.path, error))
            return ""
        return file


class Names:
    """Names for files, each given once: the file's own, numbered where an earlier image took it."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def take(self, stem: str) -> str:
        """Return the first free name."""
        number = self._next.get(stem, 1)
        while (name := stem if number == 1 else f"{stem}-{number}") in self._taken:
            number += 1
        self._taken.add(name)
        self._next[stem] = number + 1
        return name


def _trouble(path: Path, error: ImageError) -> dict[str, str]:
    return {"file": readable_name(str(path)), "kind": error.kind, "message": readable_name(str(error))}


def _stem(path: Path) -> str:
    """Return what an image's files are called after, bytes that are no text without their backslash."""
    return readable_name(bare_name(path.name)).replace("\\", "_")
