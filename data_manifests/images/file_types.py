"""Which files are worth trying as images, before any is opened."""

from pathlib import Path

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.dicom import is_dicom

__all__ = ["IMAGES", "looks_like_image"]

IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".dcm", ".dicom")


def looks_like_image(path: Path) -> bool:
    """Say whether a file has an image's suffix, or none at all and is DICOM: archives call it IM0001 or by its UID."""
    if any(sign.isalpha() for sign in path.suffix):
        return path.suffix.lower() in IMAGES
    try:
        return is_dicom(path)
    except ImageError:  # it may not be read: nobody said that it is an image
        return False
