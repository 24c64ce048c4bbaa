"""Show in words where the files of a declared corpus lie."""

import re

from artasyn.data_manifests.corpora.manifest import Manifest, Source

__all__ = ["layout_lines"]

ANY = re.compile(r"\[\^?[^\]]*\][*+?]?|\\d(?:[*+?]|\{\d+\})?|\.[*+]\??")
"""Parts of a pattern that stand for characters of any number."""


def layout_lines(manifest: Manifest) -> list[str]:
    """Return one line for each kind of file that the sources of a corpus read, each once."""
    lines = [line for source in manifest.sources for line in _of(source)]
    return list(dict.fromkeys(lines))


def _of(source: Source) -> list[str]:
    lines = [f"images {_readable(source.files)}"] if source.files else []
    if source.table:
        lines = [f"table {source.table}, in any folder", f"images {_shown(source.image)}"]
    lines += [f"table {join.table}, in any folder" for join in source.joins]
    lines += [f"list {_shown(entry.file)}" for entry in source.lists]
    lines += [f"masks {_shown(source.mask)}"] if source.mask else []
    masks = (source.lung_mask, source.other_lung_mask)
    lines += [f"lung masks {_shown(mask)}" for mask in masks if mask]
    extras = (source.boxes and source.boxes.table, source.runs and source.runs.table)
    return lines + [f"table {_shown(table)}, in any folder" for table in extras if table]


def _shown(template: str) -> str:
    optional = " (may be missing)" if template.startswith("?") else ""
    return template.removeprefix("?").replace("**/", "any folder/") + optional


def _readable(pattern: str) -> str:
    """Return a pattern with its named parts in braces and the others as `*`."""
    text, place = "", 0
    while place < len(pattern):
        if pattern[place] != "(" or pattern[place - 1 : place] == "\\":
            text, place = text + pattern[place], place + 1
            continue
        end = _end(pattern, place)
        name = re.match(r"\(\?P<(\w+)>", pattern[place:])
        optional = pattern[end : end + 1] == "?"
        text += "{" + name[1] + "}" if name else "" if optional else _readable_choice(pattern[place:end])
        place = end + optional
    return re.sub(r"\\(.)", r"\1", ANY.sub("*", text))


def _readable_choice(group: str) -> str:
    return re.sub(r"^\(\?:|\)$", "", group)


def _end(pattern: str, start: int) -> int:
    """Return the place behind the bracket that closes the one at `start`."""
    depth, place = 0, start
    while place < len(pattern):
        if pattern[place] == "\\":
            place += 2
            continue
        depth += {"(": 1, ")": -1}.get(pattern[place], 0)
        place += 1
        if depth == 0:
            break
    return place
