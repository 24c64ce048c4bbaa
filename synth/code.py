"""Which program made the bytes."""

import functools
import hashlib
from pathlib import Path

import data_manifests
import synth

__all__ = ["code_digest"]


@functools.cache
def code_digest() -> str:
    """Return one digest of all source files and weights that could change a byte: no version number to forget."""
    total = hashlib.sha256()
    for package in (data_manifests, synth):
        root = Path(package.__path__[0])
        for path in sorted(p for p in root.rglob("*") if p.is_file() and p.suffix != ".pyc"):
            total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()
