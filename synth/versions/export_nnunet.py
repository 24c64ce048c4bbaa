"""Write a version as a raw data set of nnU-Net v2."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from artasyn.data_manifests.files import write_json
from artasyn.data_manifests.store.version import Version
from artasyn.synth.versions.export_files import (
    first_rows,
    groups_of,
    normal_name,
    ok_rows,
    sample_name,
    save_png,
)
from artasyn.synth.versions.folds import folds_of

__all__ = ["export_nnunet"]


def export_nnunet(version: Version, folder: Path) -> Iterator[int]:
    """Write an nnU-Net v2 raw data set: imagesTr / imagesTs, labelsTr / labelsTs, dataset.json, splits_final.json.

    Labels are the outlines, what our own trainer learns by default.
    Held-out samples (`val`) and evaluation versions go to Ts. Of each synthetic study the normal image is written too,
    with an empty mask: a network must learn what not to mark. The splits keep a patient's images, or else a study's,
    and equal images in one fold; nnU-Net's own would part them. Yields the number of samples written so far.
    """
    synthetic, firsts = version.attributes["kind"] == "synthetic", first_rows(version)
    groups: dict[str, list[str]] = defaultdict(list)
    rows = ok_rows(version)
    group = groups_of(version, rows)
    for done, row in enumerate(rows, start=1):
        part = "Tr" if synthetic and version.table["split"][row] != "val" else "Ts"
        image, altered, outline = version.read(row, channels=("image", "altered", "outline"))
        pairs = {sample_name(version, row): (altered, outline if version.table["has_mask"][row] else None)}
        if row in firsts:
            pairs[normal_name(version, row)] = (image, np.zeros_like(outline))
        for name, (shown, truth) in pairs.items():
            save_png(shown, folder / f"images{part}" / f"{name}_0000.png")
            if truth is not None:
                save_png(truth, folder / f"labels{part}" / f"{name}.png")
        if part == "Tr":
            groups[group[row]] += pairs
        yield done
    description = {
        "channel_names": {"0": "radiograph"},
        "labels": {"background": 0, "opacity": 1},
        "numTraining": sum(map(len, groups.values())),
        "file_ending": ".png",
        "name": f"artasyn {version.id[:12]}",
        "description": f"artasyn version {version.id}, digest {version.attributes['digest']}",
    }
    write_json(folder / "dataset.json", description)
    if folds := folds_of(groups):
        write_json(folder / "splits_final.json", folds)
