"""Files of kinds that are not read, and what to do with them."""

from pathlib import Path

__all__ = ["ARCHIVES", "VOLUMES", "remedy_for"]

VOLUMES = (
    ".nii",
    ".nii.gz",
    ".nrrd",
    ".mha",
    ".mhd",
    ".npy",
    ".npz",
    ".jp2",
    ".j2k",
    ".pgm",
    ".heic",
    ".avif",
    ".jxl",
)
"""Pictures of kinds that are not read."""
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".zst")
TABLE = "save it as .csv or .tsv"
REMEDIES = {
    **dict.fromkeys(VOLUMES, "save each as PNG of 8 or 16 bits, or DICOM"),
    **dict.fromkeys(ARCHIVES, "unpack it, and give the folder"),
    **dict.fromkeys((".xlsx", ".xls", ".ods", ".parquet"), TABLE),
    ".npz": "save each of its images as PNG, the normal ones in a folder `normal`, and give the folder above",
    ".txt": f"part its cells with commas, name them in a first line such as `image,label`, and {TABLE}",
    ".json": "give the folder that holds it and its images, where it holds boxes in COCO; else write a table (.csv)",
}


def remedy_for(path: Path) -> str:
    """Return what to do with a file of a kind that is not read, "" for other files."""
    return next((remedy for end, remedy in REMEDIES.items() if path.name.lower().endswith(end)), "")
