"""One digest over modules of this program: which code computed a result."""

import hashlib
from collections.abc import Iterable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

__all__ = ["code_digest"]


def code_digest(names: Iterable[str]) -> str:
    """Return the SHA-256 over modules (`synth/seeds.py`) and rooms with all below them (`synth/lungs`)."""
    total = hashlib.sha256()
    for name in names:
        package, _, below = name.partition("/")
        for path, data in _below(files(f"artasyn.{package}") / below, name):
            total.update(f"{path}\0{len(data)}\0".encode() + data)
    return total.hexdigest()


def _below(entry: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of a file, or of every file below a folder, sorted; compiled ones are left out."""
    if entry.is_file():
        yield path, entry.read_bytes()
        return
    for child in sorted(entry.iterdir(), key=lambda child: child.name):
        if child.name != "__pycache__":
            yield from _below(child, f"{path}/{child.name}".removesuffix("/"))
