"""Read the files of one radiograph once, and hold them against what the plan saw."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from artasyn.data_manifests.corpora.radiograph import Radiograph
from artasyn.data_manifests.errors import CorpusError, ImageError
from artasyn.data_manifests.images.file_bytes import Reader, read_file
from artasyn.synth.sources.source import content_digest, files_of

__all__ = ["Planned", "read_planned"]


@dataclass(frozen=True, slots=True)
class Planned:
    """A radiograph and the digest of what the plan saw of it."""

    radiograph: Radiograph
    content: str

    def read(self) -> Reader:
        """Read its files, as `read_planned` does."""
        return read_planned(self.radiograph, self.content)


def read_planned(radiograph: Radiograph, planned: str) -> Reader:
    """Read all files of a radiograph; return what gives their bytes, or raises the ImageError that each read gave.

    The version's id stands for the bytes that the plan saw, so no others may go into it. Raises CorpusError where
    they changed since, MachineError where the system fails to read them.
    """
    read = {path: _bytes_or_fault(path) for path in files_of(radiograph)}

    def give(path: Path) -> bytes:
        found = read[path]
        if isinstance(found, ImageError):
            raise found
        return found

    if content_digest(radiograph, hash_of=lambda path: hashlib.sha256(give(path)).digest()) != planned:
        remedy = "run the same command again: it makes the version of the corpus as it is now"
        raise CorpusError(radiograph.path, "changed while the version was built", remedy, kind="changed")
    return give


def _bytes_or_fault(path: Path) -> bytes | ImageError:
    try:
        return read_file(path)
    except ImageError as error:
        return error
