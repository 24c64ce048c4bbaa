"""Open regular files alone: a pipe may never be written to, a device never ends."""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

__all__ = ["IrregularFileError", "check_regular", "open_regular", "read_regular"]

FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""A pipe that took the file's place is opened at once, to be refused; for a regular file it changes nothing."""


class IrregularFileError(OSError):
    """Say that a path leads to a folder, pipe, device or socket."""


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file, held against what was opened: a path may lead elsewhere a moment later.

    Raises IrregularFileError, OSError, ValueError for a name with a zero byte.
    """
    check_regular(path)  # opening a device may set it going
    descriptor = os.open(path, FLAGS)
    try:
        _check(os.fstat(descriptor).st_mode)
        return os.fdopen(descriptor, "rb")
    except OSError:
        os.close(descriptor)
        raise


def read_regular(path: Path) -> bytes:
    """Return the bytes of a regular file. Raises as `open_regular` does."""
    with open_regular(path) as file:
        return file.read()


def check_regular(path: Path) -> None:
    """Raise IrregularFileError unless the path leads to a regular file; OSError, ValueError as `open_regular`."""
    _check(path.stat().st_mode)


def _check(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise IrregularFileError(errno.EINVAL, "is no regular file")
