"""Read the rows of CSV tables, only the columns that are needed."""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from artasyn.data_manifests.corpora.text_files import READ_ERRORS, Layout, layout_of, open_text, unreadable
from artasyn.data_manifests.errors import CorpusError

if TYPE_CHECKING:
    import _csv

__all__ = ["check_widths", "header", "read_lines", "rows"]

FIELD_BYTES = 64 * 2**20  # a run-length mask or a report can pass the csv module's 128 KiB


def header(path: Path) -> list[str]:
    """Return the column names. Raises CorpusError."""
    layout = layout_of(path)
    with open_text(path, layout.encoding) as file:
        return _read(path, file, layout)[0]


def rows(path: Path, columns: Collection[str]) -> Iterator[dict[str, str]]:
    """Yield one dict a row with just `columns`, missing cells as "". Raises CorpusError naming file and line."""
    layout = layout_of(path)
    with open_text(path, layout.encoding) as file:
        names, lines = _read(path, file, layout)
        missing = sorted(set(columns) - set(names))
        if missing:
            remedy = f"its columns: {', '.join(names)[:300]}"
            raise CorpusError(path, f"has no column `{missing[0]}`", remedy, kind="missing_column")
        chosen = [(name, names.index(name)) for name in columns]
        for cells in lines:
            width = len(cells)
            if any(cells):
                yield {name: cells[at] if at < width else "" for name, at in chosen}


def check_widths(path: Path) -> None:
    """Raise CorpusError for a line with more cells than the header names, or a quote that swallows lines."""
    layout = layout_of(path)
    with open_text(path, layout.encoding) as file:
        names, lines = _read(path, file, layout)
        for number, cells in enumerate(lines, start=1):
            if any(len(cell.splitlines()) > 1 for cell in cells) and not _closes_quotes(path, layout):
                reason = f"has a quote without its pair: row {number} goes on over several lines"
                remedy = 'close the quote, or write a quote within a cell as ""'
                raise CorpusError(path, reason, remedy, kind="bad_table")
            if number == 1 and names[0] and not any(names[1:]) and any(cell.strip() for cell in cells[1:]):
                reason = f"names one column, `{names[0][:60]}`, and its first row has {len(cells)} cells"
                remedy = "remove what stands above the line that names the columns"
                raise CorpusError(path, reason, remedy, kind="bad_table")
            if any(cell.strip() for cell in cells[len(names) :]):
                reason = f"has {len(cells)} cells in row {number} and {len(names)} columns"
                remedy = "put quotes around cells that hold a comma or another separator"
                raise CorpusError(path, reason, remedy, kind="bad_table")


def read_lines(path: Path) -> list[str]:
    """Return the lines of a text file, stripped, without empty ones. Raises CorpusError."""
    with open_text(path, layout_of(path).encoding) as file:
        try:
            return [line.strip() for line in file if line.strip()]
        except READ_ERRORS as error:
            raise unreadable(path, error) from error


def _closes_quotes(path: Path, layout: Layout) -> bool:
    """Say whether each quote that opens a cell also ends it."""
    with open_text(path, layout.encoding) as file:
        try:
            return all(True for _ in csv.reader(file, delimiter=layout.separator, strict=True))
        except csv.Error:
            return False


def _read(path: Path, file: TextIO, layout: Layout) -> tuple[list[str], Iterator[list[str]]]:
    """Return the column names and what yields the cells of each line below."""
    csv.field_size_limit(FIELD_BYTES)
    for _ in range(layout.comments):
        file.readline()
    lines = _lines(path, csv.reader(file, delimiter=layout.separator), layout.comments)
    names = [name.strip() for name in next(lines, [])]
    if not any(names):
        raise CorpusError(path, "has no header line", "name the columns in the first line", kind="bad_table")
    names[0] = names[0].removeprefix("#").strip()
    return names, lines


def _lines(path: Path, reader: "_csv.Reader", before: int) -> Iterator[list[str]]:
    try:
        yield from (cells for cells in reader if cells)
    except READ_ERRORS as error:
        where = f"{path} line {before + reader.line_num + 1}"
        raise unreadable(where, error) from error
