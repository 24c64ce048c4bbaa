"""Read the bytes of image files, and tell a fault of the file from a fault of the machine.

What the same file always gives (it is missing, empty, no file at all, too large) is an ImageError: such an image may be
left out. What the machine failed at (a disk, a network, too many open files, too little memory, a permission) says
nothing of the image: it is tried again, and then a MachineError.
"""

import errno
import hashlib
import os
import time
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import TypeVar

from artasyn.data_manifests.errors import ImageError, MachineError
from artasyn.data_manifests.images.grey import DEFAULT_LIMITS, Limits
from artasyn.data_manifests.regular_files import IrregularFileError, open_regular

__all__ = ["Reader", "hash_file", "read_file", "read_start"]

Value = TypeVar("Value")
Reader = Callable[[Path], bytes]
"""Returns the bytes of a file. Raises as `read_file` does."""

WAITS = (0.1, 0.5, 2.0)
"""Seconds before each further try after the machine failed."""
NO_SUCH = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)
REFUSED = (errno.EACCES, errno.EPERM)
"""Trying again does not help: nobody mends a permission within seconds."""


def read_file(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the bytes of a file.

    Raises ImageError with `kind` one of missing, unreadable (no regular file), empty_file, too_large; MachineError.
    """
    return _patiently(path, limits, lambda file: file.read(limits.file_bytes))


def read_start(path: Path, length: int) -> bytes:
    """Return the first bytes of a file of any size, at most `length`. Raises as `read_file` does, too_large apart."""
    return _patiently(path, None, lambda file: file.read(length))


def hash_file(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the SHA-256 of a file, read piece by piece. Raises as `read_file` does."""
    return _patiently(path, limits, lambda file: hashlib.file_digest(file, "sha256").digest())


def _patiently(path: Path, limits: Limits | None, use: Callable[[BufferedReader], Value]) -> Value:
    """Open the file and return what `use` makes of it; try again where the machine fails."""
    for wait in (*WAITS, None):
        try:
            with open_regular(path) as file:
                _check_size(path, os.fstat(file.fileno()).st_size, limits)
                return use(file)
        except ImageError:
            raise
        except ValueError as error:  # a zero byte in its name
            raise ImageError(path, "is no path", "check the path", kind="missing") from error
        except IrregularFileError as error:
            raise ImageError(path, "is not a file", "name one image file", kind="unreadable") from error
        except (OSError, MemoryError) as error:
            number = getattr(error, "errno", None)
            if number in NO_SUCH:
                raise ImageError(path, "does not exist", "check the path", kind="missing") from error
            if wait is None or number in REFUSED:
                raise _failed(path, error) from error
            time.sleep(wait)
    raise AssertionError


def _check_size(path: Path, size: int, limits: Limits | None) -> None:
    """Raise ImageError for an empty file, or one beyond the limits."""
    if size == 0:
        raise ImageError(path, "is an empty file", "copy or download it again", kind="empty_file")
    if limits and size > limits.file_bytes:
        reason = f"has {size:,} bytes, the limit is {limits.file_bytes:,}"
        raise ImageError(path, reason, "check the file, or raise Limits.file_bytes", kind="too_large")


def _failed(path: Path, error: OSError | MemoryError) -> MachineError:
    said = getattr(error, "strerror", None) or "not enough memory"
    if getattr(error, "errno", None) in REFUSED:
        return MachineError(path, f"may not be read: {said}", "check its permissions")
    remedy = "the disk, the network or the memory failed, not the image: run the same command again"
    return MachineError(path, f"cannot be read: {said}, {len(WAITS) + 1} times", remedy)
