"""The one way files are written here: whole or not at all, and safe against kills and power cuts."""

import contextlib
import csv
import io
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from artasyn.data_manifests.printable import cell

__all__ = [
    "TEMPORARY_SUFFIX",
    "append_text",
    "create_file",
    "csv_text",
    "make_folder",
    "naming",
    "write_csv",
    "write_file",
    "write_json",
    "write_text",
]

TEMPORARY_SUFFIX = ".partial"
"""End of the hidden name that a file has until it is whole."""
LONGEST_BEGUN = 50
"""Letters of a file's name in its hidden one, which then is never longer than a file system takes."""
ATTEMPTS = 5
"""Another process may remove an empty folder or sweep a temporary file under a writer, who then tries again."""


def write_file(path: Path, data: bytes) -> None:
    """Put `data` at `path`: readers see the old file or the new one, never a part. Raises OSError."""
    _put(path, data, _replace)


def create_file(path: Path, data: bytes) -> bool:
    """Put `data` at `path` only where there is no file; return whether this call did. Raises OSError."""
    return _put(path, data, _link)


def write_text(path: Path, text: str) -> None:
    """Put text as UTF-8, as `write_file` does."""
    write_file(path, text.encode("utf-8"))


def write_json(path: Path, value: Any) -> None:
    """Put a value as indented JSON with sorted keys, as `write_file` does. Raises ValueError for NaN."""
    write_text(path, json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n")


def write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """Put rows, the header first, as `write_file` does; no cell is a formula to a spreadsheet."""
    write_text(path, csv_text(rows))


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Return the lines of a table that people open in a spreadsheet: no text in it is taken for a formula.

    Texts that begin with `=`, `+`, `-`, `@` or a tab get a `'` in front, as spreadsheets write it themselves.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def append_text(path: Path, text: str) -> None:
    """Add UTF-8 text to the end of a file, for tables that grow while people look at them. Raises OSError."""
    with naming(path), path.open("ab") as file:
        file.write(text.encode("utf-8"))


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each one synced into its parent. Raises OSError."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


Publish = Callable[[Path, Path], bool]
"""Gives a temporary file its name; returns whether the name was free."""


def _put(target: Path, data: bytes, publish: Publish) -> bool:
    for _ in range(ATTEMPTS - 1):
        with contextlib.suppress(FileNotFoundError):
            return _put_once(target, data, publish)
    return _put_once(target, data, publish)


def _put_once(target: Path, data: bytes, publish: Publish) -> bool:
    make_folder(target.parent)
    begun = target.name[:LONGEST_BEGUN]
    temporary = target.with_name(f".{begun}.{secrets.token_hex(6)}{TEMPORARY_SUFFIX}")
    try:
        with naming(target):
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            was_free = publish(temporary, target)
        _sync(target.parent)
        return was_free
    finally:
        with contextlib.suppress(OSError):  # a read-only folder never held the file
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Say which file it was: a full disk is noticed by calls that know none, and a hidden name tells nobody."""
    try:
        yield
    except FileNotFoundError:
        raise  # swept under the writer, who tries again
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _replace(temporary: Path, target: Path) -> bool:
    temporary.replace(target)
    return True


def _link(temporary: Path, target: Path) -> bool:
    try:
        os.link(temporary, target)
    except FileExistsError:
        return False
    return True


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
