"""Which files are worth trying as images, before any is opened."""

from pathlib import Path

from data_manifests.dicom import is_dicom
from data_manifests.errors import ImageError

__all__ = ["IMAGES", "looks_like_image"]

IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".dcm", ".dicom")


def looks_like_image(path: Path) -> bool:
    """Say whether a file has an image's suffix, or none at all and is DICOM, as archives write it."""
    if path.suffix:
        return path.suffix.lower() in IMAGES
    try:
        return is_dicom(path)
    except ImageError:  # it may not be read: nobody said that it is an image
        return False
