"""Write a version as PNG files and a table."""

from collections.abc import Iterator
from pathlib import Path

from artasyn.data_manifests.files import write_csv
from artasyn.data_manifests.store.version import Version
from artasyn.synth.versions.export_files import ok_rows, sample_name, save_png

__all__ = ["export_png"]

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
