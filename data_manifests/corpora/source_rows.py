"""Turn a declared source into rows: columns by name, from file names or from tables that belong together."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from artasyn.data_manifests.corpora.csv_tables import header, read_lines, rows
from artasyn.data_manifests.corpora.file_tree import Tree
from artasyn.data_manifests.corpora.manifest import Boxes, Join, Runs, Segments, Source
from artasyn.data_manifests.corpora.patterns import match_whole, named_groups, search
from artasyn.data_manifests.corpora.templates import fields_of, fill
from artasyn.data_manifests.errors import CorpusError

__all__ = ["Row", "find_optional", "find_table", "named_by", "needed_columns", "rows_of"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row and the folder that its paths are relative to ("" or ending with a slash)."""

    folder: str
    cells: Mapping[str, str]
    complete: bool = True
    """Whether every joined table had a line for it; where not, nothing can be said of its health."""


def rows_of(source: Source, tree: Tree) -> Iterator[Row]:
    """Yield the rows of a source. Raises CorpusError (missing_table, missing_column, ambiguous_table, bad_table)."""
    return _from_names(source, tree) if source.files else _from_table(source, tree)


def find_table(tree: Tree, name: str) -> tuple[Path, str]:
    """Return a table's path and its folder below the root. Raises CorpusError (missing_table, ambiguous_table)."""
    if Path(name).is_absolute():
        return Path(name), ""
    found = tree.named(name)
    if not found:
        remedy = "check --root; the table may lie in any folder below it"
        raise CorpusError(name, "is not there in the corpus's folder", remedy, kind="missing_table")
    if len(found) > 1:
        remedy = "point --root at the folder of one copy"
        raise CorpusError(
            name, f"is there {len(found)} times: {', '.join(found[:3])}", remedy, kind="ambiguous_table"
        )
    folder = posixpath.dirname(found[0])
    return tree.root / found[0], f"{folder}/" if folder else ""


def find_optional(tree: Tree, name: str) -> Path | None:
    """Return a table's path; None where a name with `?` in front is not there. Raises CorpusError as find_table."""
    if name.startswith("?") and not tree.named(name[1:]):
        return None
    return find_table(tree, name.removeprefix("?"))[0]


def needed_columns(source: Source) -> set[str]:
    """Return every column without which the rows of a source cannot be understood; attributes may be missing."""
    templates = [
        source.image,
        source.split,
        source.patient,
        source.mask,
        source.lung_mask,
        source.other_lung_mask,
    ]
    templates += [part.key for part in (*source.joins, *source.lists, *_extras(source))]
    needed = set().union(*(fields_of(template) for template in templates))
    needed |= {*source.extract, *source.keep, *source.mask_when}
    for rule in (source.by_class, source.by_words):
        needed |= {rule.column} if rule else set()
    if source.by_findings:
        needed |= {*source.by_findings.columns, source.by_findings.clear} - {""}
    return needed


def _extras(source: Source) -> list[Boxes | Runs | Segments]:
    return [part for part in (source.boxes, source.runs, source.segments) if part]


def _wanted(source: Source) -> set[str]:
    return needed_columns(source).union(*(fields_of(template) for template in source.attributes.values()))


def named_by(source: Source, path: str) -> dict[str, str] | None:
    """Return what a path's name tells, and as `folder_` the folders above it; None where it is none of the source."""
    return match_whole(f"(?P<folder_>(?:.*?/)??)(?:{source.files})", path)


def _from_names(source: Source, tree: Tree) -> Iterator[Row]:
    for path in tree.paths:
        cells = named_by(source, path)
        if cells is not None:
            folder = cells.pop("folder_")
            cells["path"] = path[len(folder) :]
            yield Row(folder, _extracted(source, cells))


def _from_table(source: Source, tree: Tree) -> Iterator[Row]:
    path, folder = find_table(tree, source.table)
    derived = {group for pattern in source.extract.values() for group in named_groups(pattern)}
    derived |= {listing.column for listing in source.lists}
    wanted = _wanted(source) - derived
    own = wanted & set(header(path))
    joined = [_joined(join, tree, wanted - own) for join in source.joins]
    provided = own.union(*(columns for columns, _ in joined))
    missing = sorted(needed_columns(source) - derived - provided)
    if missing:
        remedy = f"its columns: {', '.join(header(path))[:300]}"
        raise CorpusError(path, f"has no column `{missing[0]}`", remedy, kind="missing_column")
    listed = [(entry, _lines(tree, entry.file)) for entry in source.lists]
    for cells in rows(path, sorted(own)):
        complete = True
        for join, (columns, table) in zip(source.joins, joined, strict=True):
            more = table.get(fill(join.key, cells))
            complete = complete and more is not None
            cells |= more or dict.fromkeys(columns, "")
        for entry, lines in listed:
            cells.setdefault(entry.column, "")
            if fill(entry.key, cells) in lines:
                cells[entry.column] = entry.value
        yield Row(folder, _extracted(source, cells), complete)


def _lines(tree: Tree, name: str) -> frozenset[str]:
    path = find_optional(tree, name)
    return frozenset(read_lines(path)) if path else frozenset()


def _joined(join: Join, tree: Tree, wanted: set[str]) -> tuple[set[str], dict[str, dict[str, str]]]:
    """Read the second table of a join: the columns it provides, and its rows by key."""
    path, _ = find_table(tree, join.table)
    keys = fields_of(join.key)
    provided = (wanted & set(header(path))) - keys
    table = {}
    for cells in rows(path, sorted(provided | keys)):
        table[fill(join.key, cells)] = {name: cells[name] for name in provided}
    return provided, table


def _extracted(source: Source, cells: dict[str, str]) -> dict[str, str]:
    """Add the named groups of the patterns to the row; all empty where a pattern does not match."""
    for column, pattern in source.extract.items():
        found = search(pattern, cells[column])
        cells.update(dict.fromkeys(named_groups(pattern), "") if found is None else found)
    return cells
