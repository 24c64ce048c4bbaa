"""Open a table as people have them: any of the usual encodings, separators and line ends; plain or gzipped."""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from artasyn.data_manifests.errors import CorpusError, MachineError
from artasyn.data_manifests.regular_files import IrregularFileError, check_regular, open_regular

__all__ = ["READ_ERRORS", "TABLES", "Layout", "layout_of", "open_text", "unreadable"]

TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
"""Ends of the names of tables, in lower case."""
READ_ERRORS = (csv.Error, UnicodeError, EOFError, OSError, zlib.error)
SEPARATORS = (",", ";", "\t", "|")
SAYS_SEPARATOR = re.compile(r'"?sep=(?P<sign>[,;\t|])"?\s*')
"""A first line that Excel writes and reads: it names the separator and is no header."""
BINARY = (
    (b"PK\x03\x04", "a workbook or another zipped file, no text", "save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "a workbook of old Excel, no text", "save it as CSV"),
    (b"\x1f\x8b", "packed with gzip", "call it .csv.gz"),
    (b"BZh", "packed with bzip2", "unpack it"),
    (b"\xfd7zX", "packed with xz", "unpack it"),
    (b"PAR1", "a Parquet file, no text", "save it as CSV"),
    (b"%PDF", "a PDF, no text", "save it as CSV"),
)
"""First four bytes of files that are no text, what they are, and what to do."""
CHUNK = 2**20
SAMPLE = 2**16
"""Characters that are looked at for the separator; a header of hundreds of columns is shorter."""
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as the mark of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written."""

    encoding: str
    separator: str = ","
    comments: int = 0
    """Lines before the header."""

    def __str__(self) -> str:
        """Return what is not usual of it, "" where nothing is."""
        sign = {"\t": "tab", ";": "semicolon", "|": "bar"}.get(self.separator, "")
        code = "" if self.encoding.startswith("utf-8") else self.encoding
        return ", ".join(part for part in (code, f"separated by {sign}" if sign else "") if part)


def layout_of(path: Path) -> Layout:
    """Tell how a table is written. Raises CorpusError, or MachineError where the system fails to read it."""
    try:
        encoding = _encoding(path)
        with open_text(path, encoding) as file:
            lines = file.read(SAMPLE).splitlines()
    except READ_ERRORS as error:
        raise unreadable(path, error) from error
    said = SAYS_SEPARATOR.fullmatch(lines[0]) if lines else None
    if said:
        return Layout(encoding, said["sign"], 1)
    comments = _comments(lines)
    return Layout(encoding, _separator("\n".join(lines[comments:])), comments)


def open_text(path: Path, encoding: str) -> TextIO:
    """Open a file, gzipped or not, as text. Raises CorpusError where it cannot be opened."""
    return io.TextIOWrapper(_open(path), encoding=encoding, newline="")


def unreadable(where: Path | str, error: Exception) -> CorpusError | MachineError:
    """Return what to say of one of READ_ERRORS: damage of the table, or a fault of the machine or of permissions."""
    if isinstance(error, UnicodeError):
        return CorpusError(where, f"cannot be read: {error}", "save it as UTF-8", kind="bad_table")
    if not isinstance(error, OSError) or isinstance(error, gzip.BadGzipFile):
        return CorpusError(where, f"cannot be read: {error}", "copy it again", kind="bad_table")
    if isinstance(error, PermissionError):
        return MachineError(where, f"may not be read: {error.strerror}", "check its permissions")
    remedy = "the disk or the network failed, not the table: run the same command again"
    return MachineError(where, f"cannot be read: {error.strerror}", remedy)


def _open(path: Path) -> BinaryIO:
    try:
        if path.suffix.lower() != ".gz":
            return open_regular(path)
        check_regular(path)
        return cast(BinaryIO, gzip.open(path))
    except OSError as error:
        if isinstance(error, (FileNotFoundError, NotADirectoryError, IrregularFileError)):
            raise CorpusError(path, f"cannot be opened: {error.strerror}", kind="bad_table") from error
        raise unreadable(path, error) from error


def _encoding(path: Path) -> str:
    """Return UTF-8 or UTF-16 by mark or by content, else the code page of Western Windows."""
    with _open(path) as file:
        start = file.read(4)
    for magic, what, remedy in BINARY:
        if start.startswith(magic):
            raise CorpusError(path, f"is {what}", remedy, kind="bad_table")
    for mark, name in MARKS:
        if start.startswith(mark):
            return name
    if len(start) >= 2 and 0 in start[:2]:  # a first character below 256, as any column name has
        return "utf-16-be" if start[0] == 0 else "utf-16-le"
    for name in ("utf-8", "cp1252"):
        if _decodes(path, name):
            return name
    raise UnicodeError("it is neither UTF-8, UTF-16 nor Latin-1")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with _open(path) as file:
            for chunk in iter(lambda: file.read(CHUNK), b""):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _comments(lines: list[str]) -> int:
    """Return how many lines with `#` stand before the header; a header may begin with that sign too."""
    marked = 0
    while marked < len(lines) and (lines[marked].startswith("#") or not lines[marked].strip()):
        marked += 1
    if 0 < marked <= len(lines):
        last, following = lines[marked - 1], lines[marked] if marked < len(lines) else ""
        separator = _separator(last)
        if last.startswith("#") and (
            not following or _cells(last, separator) == _cells(following, separator) > 1
        ):
            return marked - 1
    return marked


def _cells(line: str, separator: str) -> int:
    return len(next(csv.reader([line], delimiter=separator), []))


def _separator(text: str) -> str:
    """Return the sign that parts the header into most columns, quoted parts left out; a comma where none does."""
    header = next(_records(text), "")
    counts = {sign: header.count(sign) for sign in SEPARATORS}
    return max(SEPARATORS, key=lambda sign: counts[sign])


def _records(text: str) -> Iterator[str]:
    """Yield the unquoted text of each record; a quoted name may hold separators and line ends."""
    outside = "".join(part for place, part in enumerate(text.split('"')) if place % 2 == 0)
    yield from outside.splitlines()
