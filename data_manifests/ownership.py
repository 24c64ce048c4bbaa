"""A folder that is being written has one owner: a lock that the operating system lets go of when its holder dies."""

import contextlib
import errno
import fcntl
import os
import re
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from artasyn.data_manifests.errors import BusyError
from artasyn.data_manifests.files import TEMPORARY_SUFFIX, make_folder, naming

__all__ = ["LOCK_NAME", "owned"]

LOCK_NAME = ".lock"
PARTIAL = re.compile(rf"\..+\.[0-9a-f]{{12}}{re.escape(TEMPORARY_SUFFIX)}")
"""Names that `artasyn.data_manifests.files` gives to files that are not whole yet."""
NO_LOCKS = (errno.ENOTSUP, errno.ENOSYS, errno.ENOLCK)
"""Answers of file systems that know no locks."""


@contextlib.contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Make the folder and own it for the length of the context; files that a dead owner left half-written are removed.

    Raises BusyError saying who owns it. The lock ends with the process, however that ends; where the file system knows
    no locks nothing is held. Not for use in several processes that write together: their leading one owns the folder.
    """
    make_folder(folder)
    with (folder / LOCK_NAME).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read(500).strip() or "another process"
            raise BusyError(
                folder, f"is in use by {holder}", "wait for it, or choose another folder"
            ) from error
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
        _sweep_partial(folder)
        holder = f"process {os.getpid()} on {socket.gethostname()} ({_command()}, since {_now()})"
        with naming(folder / LOCK_NAME):
            _write(file.fileno(), holder)
        try:
            yield
        finally:
            _write(file.fileno(), "")


def _sweep_partial(folder: Path) -> None:
    """Remove the files below the folder that were begun and never finished. Only its owner may."""
    for path in folder.rglob(f".*{TEMPORARY_SUFFIX}"):
        if PARTIAL.fullmatch(path.name) and path.is_file():
            path.unlink(missing_ok=True)


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.write(descriptor, text.encode())


def _command() -> str:
    """Return the program and its command, without what follows: paths may name a person."""
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]]) if sys.argv[0] else "python"


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M")
