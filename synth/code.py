"""Which program makes the bytes."""

import functools
import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import data_manifests
import synth

__all__ = ["code_digest", "library_versions"]

LIBRARIES = (
    "numpy",
    "numcodecs",
    "opencv-python-headless",
    "pillow",
    "pydicom",
    "zarr",
)
"""Libraries whose release may change a byte of a version."""
DECODERS = ("imagecodecs", "pyjpegls", "pylibjpeg", "pylibjpeg-openjpeg")
"""Libraries that decide, by being there, which DICOM images can be read."""


def library_versions() -> dict[str, str]:
    """Return the release of every library that has a say in the bytes."""
    return {name: version(name) for name in LIBRARIES} | {name: _if_there(name) for name in DECODERS}


def _if_there(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


@functools.cache
def code_digest() -> str:
    """Return one digest of all source files and weights that could change a byte: no version number to forget."""
    total = hashlib.sha256()
    for package in (data_manifests, synth):
        root = Path(package.__path__[0])
        for path in sorted(p for p in root.rglob("*") if p.is_file() and p.suffix != ".pyc"):
            total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()
