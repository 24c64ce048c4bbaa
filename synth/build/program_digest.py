"""Which program makes the bytes: a digest of the modules that could change one, and of nothing else."""

import functools
from importlib.metadata import PackageNotFoundError, version

from artasyn.data_manifests.code_digest import code_digest

__all__ = ["MAKERS", "library_versions", "program_digest"]

MAKERS = (
    "data_manifests/corpora/mask_files.py",
    "data_manifests/corpora/radiograph.py",
    "data_manifests/corpora/splits.py",
    "data_manifests/images",
    "data_manifests/regular_files.py",
    "data_manifests/store/contract.py",
    "data_manifests/store/encoding.py",
    "synth/build/evaluation_study.py",
    "synth/build/inputs.py",
    "synth/build/odd_masks.py",
    "synth/build/odd_pictures.py",
    "synth/build/second_image.py",
    "synth/build/squares.py",
    "synth/build/study.py",
    "synth/build/synthetic_study.py",
    "synth/config.py",
    "synth/lungs",
    "synth/opacities",
    "synth/seeds.py",
    "synth/sources",
)
"""Modules and rooms that decode, find lungs, paint and encode: all that making a study imports, as a test holds. What a
corpus says of its radiographs, and the recipe, need no place here: they are among the ingredients of a version."""

LIBRARIES = (
    "numpy",
    "numcodecs",
    "opencv-python-headless",
    "pillow",
    "pydicom",
    "scipy",
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
def program_digest() -> str:
    """Return the digest of MAKERS: no version number to forget."""
    return code_digest(MAKERS)
