"""Read the rows of CSV tables: plain or gzipped, only the columns that are needed."""

import csv
import gzip
import io
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TextIO

from artasyn.data_manifests.errors import CorpusError

__all__ = ["header", "read_lines", "rows"]

FIELD_BYTES = 64 * 2**20  # a run-length mask or a report can pass the csv module's 128 KiB


def header(path: Path) -> list[str]:
    """Return the column names. Raises CorpusError."""
    with _open(path) as file:
        return _names(path, file)


def rows(path: Path, columns: Collection[str]) -> Iterator[dict[str, str]]:
    """Yield one dict a row with just `columns`, missing cells as "". Raises CorpusError naming file and line."""
    csv.field_size_limit(FIELD_BYTES)
    with _open(path) as file:
        names = _names(path, file)
        missing = sorted(set(columns) - set(names))
        if missing:
            remedy = f"its columns: {', '.join(names)[:300]}"
            raise CorpusError(path, f"has no column `{missing[0]}`", remedy, kind="missing_column")
        chosen = [(name, names.index(name)) for name in columns]
        reader = csv.reader(file)
        try:
            for cells in reader:
                if not cells:
                    continue
                width = len(cells)
                yield {name: cells[at] if at < width else "" for name, at in chosen}
        except (csv.Error, UnicodeDecodeError, EOFError, OSError, zlib.error) as error:
            where = f"{path} line {reader.line_num + 2}"
            raise CorpusError(where, f"cannot be read: {error}", "copy it again", kind="bad_table") from error


def read_lines(path: Path) -> list[str]:
    """Return the lines of a text file, stripped, without empty ones. Raises CorpusError."""
    with _open(path) as file:
        try:
            return [line.strip() for line in file if line.strip()]
        except (UnicodeDecodeError, EOFError, OSError, zlib.error) as error:
            raise CorpusError(path, f"cannot be read: {error}", "copy it again", kind="bad_table") from error


def _open(path: Path) -> TextIO:
    try:
        raw = gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # noqa: SIM115, the caller closes it
    except OSError as error:
        raise CorpusError(path, f"cannot be opened: {error.strerror}", kind="bad_table") from error
    return io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")


def _names(path: Path, file: TextIO) -> list[str]:
    try:
        line = file.readline()
    except (UnicodeDecodeError, EOFError, OSError, zlib.error) as error:
        raise CorpusError(path, f"cannot be read: {error}", "copy it again", kind="bad_table") from error
    names = [name.strip() for name in next(csv.reader([line]), [])]
    if not names:
        raise CorpusError(path, "has no header line", "name the columns in the first line", kind="bad_table")
    return names
