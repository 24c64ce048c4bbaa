"""The layouts in which a version is written as plain files, for programs that read no Zarr."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.store.version import Version
from artasyn.synth.versions.export_coco import export_coco
from artasyn.synth.versions.export_mvtec import export_mvtec
from artasyn.synth.versions.export_nnunet import export_nnunet
from artasyn.synth.versions.export_png import export_png

__all__ = ["HINTS", "LAYOUTS", "begun"]

UNFINISHED = ".unfinished"
"""Stands in a folder while an export is written, and after one that was stopped: what it wrote."""

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


@contextlib.contextmanager
def begun(folder: Path, what: str) -> Iterator[None]:
    """Mark a new folder as unfinished for the length of the context; what was stopped may be written again.

    Raises StoreError where the folder holds anything but an unfinished export of the same, OSError.
    """
    mark = folder / UNFINISHED
    if not _is_unfinished(mark, what):
        if folder.exists() and any(folder.iterdir()):
            raise StoreError(folder, "is not empty", "name a new folder")
        folder.mkdir(parents=True, exist_ok=True)
        mark.write_text(what, encoding="ascii")
    yield
    mark.unlink(missing_ok=True)


def _is_unfinished(mark: Path, what: str) -> bool:
    return mark.is_file() and mark.read_text(encoding="ascii", errors="replace") == what
