"""Which files are worth trying as images, and how they are called without their suffix."""

from pathlib import Path, PurePath

from artasyn.data_manifests.errors import ImageError, MachineError
from artasyn.data_manifests.images.file_bytes import read_start

__all__ = [
    "IMAGES",
    "PICTURES",
    "bare_name",
    "holds_dicom",
    "is_dicom",
    "looks_like_image",
    "readable_name",
]

DICOM = (".dcm", ".dicom", ".dic", ".ima", ".acr")
PICTURES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".bmp", ".gif", ".webp")
IMAGES = (*PICTURES, *DICOM)
OTHERS = (
    *(".csv", ".tsv", ".txt", ".md", ".json", ".jsonl", ".xml", ".html", ".pdf", ".yaml", ".yml", ".toml"),
    *(
        ".zip",
        ".gz",
        ".tar",
        ".7z",
        ".db",
        ".py",
        ".npy",
        ".npz",
        ".pt",
        ".h5",
        ".xls",
        ".xlsx",
        ".doc",
        ".docx",
    ),
)
"""Suffixes of what lies beside images by the hundred thousand: not opened to see whether it is DICOM after all."""

LETTERS, PREAMBLE = b"DICM", 128  # bytes before the letters
MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF8", b"BM", b"RIFF")


def holds_dicom(path: Path, data: bytes) -> bool:
    """Say whether the bytes are DICOM: by their letters, or by the file's name where the preamble was stripped."""
    if data[PREAMBLE : PREAMBLE + 4] == LETTERS:
        return True
    return path.suffix.lower() in DICOM and not data.startswith(MAGIC)


def is_dicom(path: Path) -> bool:
    """Say the same of a file. Raises ImageError (missing, unreadable)."""
    return holds_dicom(path, read_start(path, PREAMBLE + 4))


def looks_like_image(path: Path) -> bool:
    """Say whether a file has an image's suffix or, of an unknown suffix or none, is DICOM by its content."""
    if path.name.startswith(".") or path.name.upper() == "DICOMDIR":  # the index of a disc, no image
        return False
    suffix = path.suffix.lower()
    if suffix in IMAGES or suffix in OTHERS:
        return suffix in IMAGES
    try:
        return is_dicom(path)
    except (ImageError, MachineError):  # it may not be read, or is a pipe: nobody said that it is an image
        return False


def bare_name(name: str) -> str:
    """Return a file name or path without an image's suffix; the last part of a UID is none."""
    suffix = PurePath(name).suffix
    return name.removesuffix(suffix) if suffix.lower() in (*IMAGES, ".img") else name


def readable_name(name: str) -> str:
    """Return a name as text that can be written; bytes of it that are not UTF-8 as `\\udc..`."""
    return name.encode("utf-8", "backslashreplace").decode()
