"""The layouts in which a version is written as plain files, for programs that read no Zarr."""

from collections.abc import Callable, Iterator
from pathlib import Path

from artasyn.data_manifests.store.version import Version
from artasyn.synth.versions.export_coco import export_coco
from artasyn.synth.versions.export_mvtec import export_mvtec
from artasyn.synth.versions.export_nnunet import export_nnunet
from artasyn.synth.versions.export_png import export_png

__all__ = ["HINTS", "LAYOUTS"]

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
