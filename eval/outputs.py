"""Write predictions as files: heat map, mask and overlay an image, one table and one JSON for all."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from data_manifests.dicom import is_dicom
from data_manifests.errors import ImageError
from eval.colour import heat, overlay, png
from eval.infer import run_digest
from eval.predict import Prediction, Predictor
from eval.segmentation import write_segmentation
from eval.summary import NOTICE

__all__ = ["Outputs", "find_images"]

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".dcm", ".dicom")

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


@dataclass(slots=True)
class Outputs:
    """A folder of predictions being written; grows with each `add_`, `finish` writes the tables."""

    folder: Path
    predictor: Predictor
    lines: list[dict[str, Any]] = field(default_factory=list)
    bad: list[dict[str, str]] = field(default_factory=list)

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
            (self.folder / files[kind]).write_bytes(png(picture))
        line = {
            "file": str(prediction.path),
            "score": round(prediction.score, 6),
            "abnormal": prediction.abnormal,
            "marked_share": round(float(prediction.mask.mean()), 6),
            "height": prediction.image.shape[0],
            "width": prediction.image.shape[1],
        }
        self.lines.append(line | files | {"segmentation": self._segmentation(prediction, name)})

    def add_bad_(self, path: Path, error: ImageError) -> None:
        """Note a file that could not be used."""
        self.bad.append({"file": str(path), "kind": error.kind, "message": str(error)})

    def finish(self) -> None:
        """Write `scores.csv`, `predictions.json` and, where there is any, `bad_files.csv`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _write_csv(self.folder / "scores.csv", COLUMNS, self.lines)
        if self.bad:
            _write_csv(self.folder / "bad_files.csv", ("file", "kind", "message"), self.bad)
        run = self.predictor.run
        document = {
            "notice": NOTICE,
            "run": {"name": run.path.name, "digest": run_digest(run), "size": run.size},
            "thresholds": {"pixel": run.thresholds.pixel, "image": run.thresholds.image},
            "heat_scale": {"from": 0.0, "to": self.predictor.heat_top},
            "images": self.lines,
            "bad_files": self.bad,
        }
        text = json.dumps(document, indent=1, allow_nan=False)
        (self.folder / "predictions.json").write_text(text + "\n", encoding="utf-8")

    def _segmentation(self, prediction: Prediction, name: str) -> str:
        """Write the Segmentation object of a DICOM source; an obstacle is noted and stops nothing else."""
        if not is_dicom(prediction.path):
            return ""
        file = f"{name}.seg.dcm"
        try:
            digest = run_digest(self.predictor.run)[:16]
            write_segmentation(prediction.path, prediction.mask, self.folder / file, run=digest)
        except ImageError as error:
            self.add_bad_(prediction.path, error)
            return ""
        return file

    def _free_name(self, path: Path) -> str:
        """Return the file's stem, numbered where an earlier image of the same name took it."""
        taken = {line["mask"].removesuffix(".mask.png") for line in self.lines}
        names = (path.stem if k == 1 else f"{path.stem}-{k}" for k in range(1, len(taken) + 2))
        return next(name for name in names if name not in taken)


def find_images(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files named, and those below each folder that look like images by their names."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in SUFFIXES)
        else:
            yield path


def _write_csv(path: Path, columns: Iterable[str], lines: Iterable[Mapping[str, Any]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    path.write_text(text.getvalue(), encoding="utf-8")
