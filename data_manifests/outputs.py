"""Nothing of the user's is overwritten: what we write into a folder is listed there, anything else is left alone.

The list `.written` has a line a file, `<sha256>  <name>` as `sha256sum` writes it; `-` in place of the digest stands
for a table that is still growing. A file is ours while its digest is in the list: once edited it is the user's.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artasyn.data_manifests.errors import OutputError
from artasyn.data_manifests.files import append_text, write_file
from artasyn.data_manifests.json_text import parse_json

__all__ = ["LIST_NAME", "OutputFolder", "check_replaceable", "report_folder", "write_single"]

LIST_NAME = ".written"
GROWING = "-"
REMEDY = "choose another place, or say --force to replace it"
MARK = b"artasyn"
"""Stands at the beginning of every single file that we write for people, a picture or a model."""
HEAD_BYTES = 4096


class OutputFolder:
    """A folder that files are written into; existing ones only where they are ours, or with `force`."""

    def __init__(self, path: Path, *, force: bool = False) -> None:
        """Read which files are ours; nothing is made yet."""
        self.path, self._force = path, force
        self._known: defaultdict[str, list[str]] = defaultdict(list)
        if (path / LIST_NAME).is_file():
            for line in (path / LIST_NAME).read_bytes().decode(errors="replace").split("\n"):
                digest, _, name = line.partition("  ")
                self._known[name].append(digest)

    def is_ours(self, name: str) -> bool:
        """Tell whether the file that is there was written by us, and not changed since."""
        known, path = self._known.get(_listed(name), []), self.path / name
        if not known or path.is_symlink() or not path.is_file():
            return False
        return known[-1] == GROWING or hashlib.sha256(path.read_bytes()).hexdigest() in known

    def check(self, name: str) -> None:
        """Raise OutputError where the name is taken by something that is not ours."""
        path = self.path / name
        if (path.exists() or path.is_symlink()) and not self._force and not self.is_ours(name):
            raise OutputError(
                path, "exists and was not written by this command, or was changed since", REMEDY
            )

    def write(self, name: str, data: bytes) -> Path:
        """Put a file, whole or not at all, and return its path. Raises OutputError and OSError."""
        self.check(name)
        # First: after a kill in between the file is known as ours.
        self._note(name, hashlib.sha256(data).hexdigest())
        write_file(self.path / name, data)
        return self.path / name

    def write_text(self, name: str, text: str) -> Path:
        """Put text as UTF-8, as `write` does."""
        return self.write(name, text.encode("utf-8"))

    def write_json(self, name: str, value: Any) -> Path:
        """Put indented JSON with sorted keys, as `write` does. Raises ValueError for NaN."""
        return self.write_text(name, json.dumps(value, indent=1, sort_keys=True, allow_nan=False) + "\n")

    def begin(self, name: str, text: str) -> None:
        """Put the first lines of a table that will grow."""
        self.check(name)
        self._note(name, GROWING)
        write_file(self.path / name, text.encode("utf-8"))

    def grow(self, name: str, text: str) -> None:
        """Add lines to a table that was begun: whoever stops the command keeps what there is."""
        append_text(self.path / name, text)

    def end(self, name: str) -> None:
        """Note that a table has grown to its end."""
        self._note(name, hashlib.sha256((self.path / name).read_bytes()).hexdigest())

    def remove(self, name: str) -> None:
        """Remove what an earlier call left; what is not ours stays."""
        if self.is_ours(name):
            (self.path / name).unlink()

    def _note(self, name: str, digest: str) -> None:
        listed = _listed(name)
        if digest not in self._known[listed][-1:]:
            self.path.mkdir(parents=True, exist_ok=True)
            append_text(self.path / LIST_NAME, f"{digest}  {listed}\n")
            self._known[listed].append(digest)


def _listed(name: str) -> str:
    """Return a name as it stands in the list: in one line, bytes that are no text as escapes."""
    return name.encode("utf-8", "backslashreplace").decode().replace("\n", "\\n")


def report_folder(wanted: Path, question: Mapping[str, Any], *, force: bool) -> Path:
    """Return `wanted`, or `wanted-2`, `wanted-3`, ... where another question's answer lies there (not with `force`).

    What was asked stands in `question.json`, which whoever answers writes there too.
    """
    number = 1
    while True:
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        asked = folder / "question.json"
        if force or not asked.is_file() or _read(asked) == dict(question):
            return folder
        number += 1


def check_replaceable(path: Path, *, force: bool) -> None:
    """Raise OutputError where a single output, a picture or a model, would replace a file that is not one of ours."""
    if force or not (path.exists() or path.is_symlink()):
        return
    if path.is_file():
        with path.open("rb") as file:
            if MARK in file.read(HEAD_BYTES):
                return
    raise OutputError(path, "exists and was not written by this command", REMEDY)


def write_single(path: Path, data: bytes, *, force: bool) -> None:
    """Put one file outside such a folder, whole or not at all. Raises OutputError where another's is there, OSError."""
    if not (path.is_file() and path.read_bytes() == data):
        check_replaceable(path, force=force)
    write_file(path, data)


def _read(path: Path) -> Any:
    try:
        return parse_json(path.read_bytes())
    except ValueError:
        return None
