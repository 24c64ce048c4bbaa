"""Write a version as plain files for programs that read no Zarr."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from artasyn.data_manifests.files import write_csv, write_json, write_text
from artasyn.data_manifests.store.version import Version
from artasyn.synth.versions.export_coco import export_coco
from artasyn.synth.versions.export_files import group_of, normal_name, ok_rows, sample_name, save_png
from artasyn.synth.versions.export_mvtec import export_mvtec
from artasyn.synth.versions.folds import folds_of

__all__ = ["HINTS", "LAYOUTS", "export_nnunet", "export_png"]

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
    lines: list[list[object]] = [["sample", *columns]]
    for done, row in enumerate(ok_rows(version), start=1):
        sample = sample_name(version, row)
        for channel, pixels in zip(
            CHANNEL_FOLDERS, version.read(row, channels=list(CHANNEL_FOLDERS)), strict=True
        ):
            if channel in IF_KNOWN and not version.table[IF_KNOWN[channel]][row]:
                continue
            scaled = pixels * 255 if channel in ("mask", "outline") else pixels
            save_png(scaled, folder / CHANNEL_FOLDERS[channel] / f"{sample}.png")
        lines.append([sample, *(version.table[column][row] for column in columns)])
        yield done
    write_csv(folder / "samples.csv", lines)


def export_nnunet(version: Version, folder: Path) -> Iterator[int]:
    """Write an nnU-Net v2 raw data set: imagesTr / imagesTs, labelsTr / labelsTs, dataset.json, splits_final.json.

    Labels are the outlines, what our own trainer learns by default.
    Held-out samples (`val`) and evaluation versions go to Ts. Of each synthetic study the normal image is written too,
    with an empty mask: a network must learn what not to mark. The splits keep a patient's images, or else a study's, in
    one fold; nnU-Net's own would part them. Yields the number of samples written so far.
    """
    synthetic, studies = version.attributes["kind"] == "synthetic", set()
    groups: dict[str, list[str]] = defaultdict(list)
    for done, row in enumerate(ok_rows(version), start=1):
        part = "Tr" if synthetic and version.table["split"][row] != "val" else "Ts"
        image, altered, outline = version.read(row, channels=("image", "altered", "outline"))
        pairs = {sample_name(version, row): (altered, outline if version.table["has_mask"][row] else None)}
        study = int(version.table["study"][row])
        if synthetic and study not in studies:
            studies.add(study)
            pairs[normal_name(version, row)] = (image, np.zeros_like(outline))
        for name, (shown, truth) in pairs.items():
            save_png(shown, folder / f"images{part}" / f"{name}_0000.png")
            if truth is not None:
                save_png(truth, folder / f"labels{part}" / f"{name}.png")
        if part == "Tr":
            groups[group_of(version, row)] += pairs
        yield done
    description = {
        "channel_names": {"0": "radiograph"},
        "labels": {"background": 0, "opacity": 1},
        "numTraining": sum(map(len, groups.values())),
        "file_ending": ".png",
        "name": f"artasyn {version.id[:12]}",
        "description": f"artasyn version {version.id}, digest {version.attributes['digest']}",
    }
    write_text(folder / "dataset.json", json.dumps(description, indent=2))
    if folds := folds_of(groups):
        write_json(folder / "splits_final.json", folds)


LAYOUTS: dict[str, Callable[[Version, Path], Iterator[int]]] = {
    "png": export_png,
    "nnunet": export_nnunet,
    "mvtec": export_mvtec,
    "coco": export_coco,
}
HINTS = {
    "png": "",
    "nnunet": "copy splits_final.json to nnUNet_preprocessed/{name} after nnUNetv2_plan_and_preprocess: it keeps the "
    "images of one patient, or of one radiograph, in one fold",
    "mvtec": "anomalib: MVTecAD(root='{parent}', category='{name}')",
    "coco": "objects in annotations/, images in a folder a split",
}
"""What to do with a layout, by its name."""
