"""Read the log of a run, without what writing one takes."""

import csv
import io
import math
from pathlib import Path

from artasyn.data_manifests.errors import RunError
from artasyn.train.runs.reading import read_bounded

__all__ = ["read_log"]


def read_log(path: Path) -> list[dict[str, float]]:
    """Return the lines of a log; a line cut short by a crash is left out. Raises RunError where it is no log."""
    try:
        rows = list(csv.DictReader(io.StringIO(read_bounded(path).decode("utf-8"), newline="")))
        complete = [row for row in rows if None not in row.values() and None not in row]
        numbers = [{k: float(v) for k, v in row.items() if v != ""} for row in complete]
    except (ValueError, csv.Error) as error:
        raise RunError(path, f"is not the log of a run: {error}") from error
    if not all(math.isfinite(row.get("step", math.nan)) for row in numbers):
        raise RunError(path, "is not the log of a run: a line has no step")
    return numbers
