"""The one reader of a run's files: regular files of a bounded size, JSON of finite numbers. Else RunError."""

import json
import math
import stat
from pathlib import Path
from typing import Any

from artasyn.data_manifests.errors import RunError

__all__ = ["CHECKPOINT_BYTES", "check_regular", "parse_json", "read_bounded", "read_json"]

JSON_BYTES = 16 * 2**20
TABLE_BYTES = 2**30
"""Enough for fingerprints of ten million images."""
CHECKPOINT_BYTES = 8 * 2**30
"""Five times that of the published network with its optimiser."""
LARGEST_DEPTH = 50
"""Of values inside each other."""


def check_regular(path: Path, *, limit: int) -> None:
    """Raise RunError unless the path is a regular file of at most `limit` bytes, before any of it is read."""
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise RunError(path, "does not exist", "was the run stopped before it was written?") from error
    except OSError as error:
        raise RunError(path, f"cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(found.st_mode):
        raise RunError(path, "is not a regular file")
    if found.st_size > limit:
        raise RunError(path, f"holds {found.st_size:,} bytes, no more than {limit:,} are read")


def read_bounded(path: Path, *, limit: int = TABLE_BYTES) -> bytes:
    """Return the bytes of a regular file of at most `limit` bytes."""
    check_regular(path, limit=limit)
    try:
        return path.read_bytes()
    except OSError as error:
        raise RunError(path, f"cannot be read: {error.strerror}") from error


def read_json(path: Path) -> Any:
    """Return the JSON value of a file, all numbers finite."""
    return parse_json(read_bounded(path, limit=JSON_BYTES), where=path)


def parse_json(data: bytes | str, *, where: object) -> Any:
    """Return a JSON value, all numbers finite."""
    try:
        value = json.loads(data)
        _check(value, depth=0)
    except (ValueError, RecursionError) as error:
        raise RunError(where, f"is not JSON of finite numbers: {error}") from error
    return value


def _check(value: Any, *, depth: int) -> None:
    if depth > LARGEST_DEPTH:
        raise ValueError(f"values lie more than {LARGEST_DEPTH} deep in each other")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"holds {value}")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check(inner, depth=depth + 1)
