"""Write a version as plain files for programs that read no Zarr."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artasyn.data_manifests.files import write_text
from artasyn.data_manifests.store.version import Version

__all__ = ["LAYOUTS", "export_nnunet", "export_png"]

CHANNEL_FOLDERS = {
    "image": "images",
    "altered": "altered",
    "alpha": "alpha",
    "mask": "masks",
    "outline": "outlines",
    "lungs": "lungs",
    "reference_lungs": "reference_lungs",
}
IF_KNOWN = {"mask": "has_mask", "outline": "has_mask", "reference_lungs": "has_lungs"}
"""Channels that nobody may have drawn, and the column that says so: no file then, since an empty one would say more."""


def export_png(version: Version, folder: Path) -> Iterator[int]:
    """Write one PNG a channel and sample, masks and outlines as 0 / 255, and `samples.csv` with the whole table.

    Lungs keep their labels, 1 and 2. Where the mask or human lungs are unknown there is no file. Yields the number of
    samples written so far.
    """
    for name in CHANNEL_FOLDERS.values():
        (folder / name).mkdir(parents=True, exist_ok=True)
    columns = list(version.table)
    with (folder / "samples.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["sample", *columns])
        for done, row in enumerate(_rows(version), start=1):
            sample = _name(version, row)
            for channel, pixels in zip(
                CHANNEL_FOLDERS, version.read(row, channels=list(CHANNEL_FOLDERS)), strict=True
            ):
                if channel in IF_KNOWN and not version.table[IF_KNOWN[channel]][row]:
                    continue
                scaled = pixels * 255 if channel in ("mask", "outline") else pixels
                _save(scaled, folder / CHANNEL_FOLDERS[channel] / f"{sample}.png")
            writer.writerow([sample, *(version.table[column][row] for column in columns)])
            yield done


def export_nnunet(version: Version, folder: Path) -> Iterator[int]:
    """Write an nnU-Net v2 raw data set: imagesTr / imagesTs, labelsTr / labelsTs, dataset.json.

    Labels are the outlines, what our own trainer learns by default.
    Held-out samples (`val`) and evaluation versions go to Ts. Of each synthetic study the normal image is written too,
    with an empty mask: a network must learn what not to mark. Yields the number of samples written so far.
    """
    synthetic, training, studies = version.attributes["kind"] == "synthetic", 0, set()
    for done, row in enumerate(_rows(version), start=1):
        part = "Tr" if synthetic and version.table["split"][row] != "val" else "Ts"
        image, altered, outline = version.read(row, channels=("image", "altered", "outline"))
        pairs = {_name(version, row): (altered, outline if version.table["has_mask"][row] else None)}
        study = int(version.table["study"][row])
        if synthetic and study not in studies:
            studies.add(study)
            pairs[f"{study:06d}_normal"] = (image, np.zeros_like(outline))
        for name, (shown, truth) in pairs.items():
            _save(shown, folder / f"images{part}" / f"{name}_0000.png")
            if truth is not None:
                _save(truth, folder / f"labels{part}" / f"{name}.png")
        training += len(pairs) * (part == "Tr")
        yield done
    description = {
        "channel_names": {"0": "radiograph"},
        "labels": {"background": 0, "opacity": 1},
        "numTraining": training,
        "file_ending": ".png",
        "name": f"artasyn {version.id[:12]}",
        "description": f"artasyn version {version.id}, digest {version.attributes['digest']}",
    }
    write_text(folder / "dataset.json", json.dumps(description, indent=2))


LAYOUTS: dict[str, Callable[[Version, Path], Iterator[int]]] = {"png": export_png, "nnunet": export_nnunet}


def _rows(version: Version) -> list[int]:
    return [int(row) for row in version.rows(status="ok")]


def _name(version: Version, row: int) -> str:
    return f"{int(version.table['study'][row]):06d}_{int(version.table['variant'][row])}"


def _save(pixels: NDArray[np.uint8], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
