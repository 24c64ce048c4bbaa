"""Every error that a user can meet.

ArtasynError
├── ConfigError        (ValueError)         a setting is unknown or out of range
├── CorpusError        (ValueError)         a corpus cannot be read as declared
├── ImageError         (ValueError)         one image file cannot be used, whoever reads it
├── MachineError       (RuntimeError)       the system failed or refused to read; the file may be sound
├── StoreError         (ValueError)         a version is absent, of another contract, or unfit for the task
│   └── DamageError    (StoreError)         stored bytes differ from their digest
├── RunError           (ValueError)         a run folder is absent, incomplete, damaged, or of another network
├── MissingExtraError  (ImportError)        an optional library is not installed
├── BusyError          (RuntimeError)       a folder is being written by another process
├── OutputError        (FileExistsError)    a file that would be overwritten was not written by us
└── WorkerError        (RuntimeError)       a worker process ended before its work was done
"""

import difflib
from collections.abc import Iterable
from pathlib import Path

from artasyn.data_manifests.printable import printable

__all__ = [
    "ArtasynError",
    "BusyError",
    "ConfigError",
    "CorpusError",
    "DamageError",
    "ImageError",
    "MachineError",
    "MissingExtraError",
    "OutputError",
    "RunError",
    "StoreError",
    "WorkerError",
    "check_path",
    "did_you_mean",
]


class ArtasynError(Exception):
    """Base of all errors raised on purpose: what is wrong with which thing, and what to do about it."""

    def __init__(self, subject: object, reason: str, remedy: str = "", *, kind: str = "") -> None:
        self.subject, self.reason, self.remedy = str(subject), reason, remedy
        self.kind = kind
        super().__init__(printable(f"{self.subject}: {reason}" + (f" ({remedy})" if remedy else "")))

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the trip back from a worker process."""
        return _rebuild, (type(self), self.subject, self.reason, self.remedy, self.kind)


def did_you_mean(name: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """Return a remedy for an unknown name: the nearest known one, else `otherwise`, else all known ones."""
    names = sorted(known)
    near = difflib.get_close_matches(name.lower(), names, n=1)
    return f"did you mean `{near[0]}`?" if near else otherwise or f"known: {', '.join(names) or 'none'}"


def check_path(path: str) -> str:
    """Return the remedy for a path that is not there: the nearest one that lies beside it, else to check it."""
    folder = Path(path).parent
    beside = [str(entry) for entry in folder.iterdir()] if folder.is_dir() else []
    return did_you_mean(path, beside, otherwise="check the path")


def _rebuild(cls: type[ArtasynError], subject: str, reason: str, remedy: str, kind: str) -> ArtasynError:
    return cls(subject, reason, remedy, kind=kind)


class ConfigError(ArtasynError, ValueError):
    """Report a setting that is unknown or out of range."""


class CorpusError(ArtasynError, ValueError):
    """Report a corpus that cannot be read as declared."""


class ImageError(ArtasynError, ValueError):
    """Report one image that cannot be used; `kind` is a short snake_case reason for tables."""


class MachineError(ArtasynError, RuntimeError):
    """Report a read that the system failed at or refused: it says nothing of the bytes themselves."""


class StoreError(ArtasynError, ValueError):
    """Report a store or version that is absent, of another contract, or unfit for the task."""


class DamageError(StoreError):
    """Report stored bytes that differ from their digest."""


class MissingExtraError(ArtasynError, ImportError):
    """Report an optional library that is not installed."""


class RunError(ArtasynError, ValueError):
    """Report a run folder that is absent, incomplete, damaged, or of another network."""


class BusyError(ArtasynError, RuntimeError):
    """Report a folder that another process is writing, or a port that it listens on."""


class OutputError(ArtasynError, FileExistsError):
    """Report a file in the way of an output that is not known to be ours."""


class WorkerError(ArtasynError, RuntimeError):
    """Report a worker process that ended before its work was done."""
