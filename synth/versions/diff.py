"""Differences between two versions."""

from collections.abc import Mapping
from typing import Any

from artasyn.data_manifests.store.version import Version

__all__ = ["differences"]

EXAMPLES = 5
COMPARED = ("status", "reason", "label", "split", "pixels_sha256", "record", "quality")


def differences(first: Version, second: Version) -> list[str]:
    """Return one line for each difference: ingredients, then images, then rows; empty where contents are equal."""
    if first.attributes["digest"] == second.attributes["digest"]:
        return []
    before, after = (_flatten(v.attributes.get("ingredients", {})) for v in (first, second))
    lines = [
        f"{key}: {before.get(key, '-')} -> {after.get(key, '-')}"
        for key in sorted(before | after)
        if before.get(key) != after.get(key)
    ]
    return lines + _images(first, second) + _rows(first, second)


def _flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _images(first: Version, second: Version) -> list[str]:
    ids = [set(map(str, version.table["image_id"])) for version in (first, second)]
    only = {"only in the first": ids[0] - ids[1], "only in the second": ids[1] - ids[0]}
    return [f"{len(names)} images {where}: {_some(names)}" for where, names in only.items() if names]


def _rows(first: Version, second: Version) -> list[str]:
    rows = [_by_key(version) for version in (first, second)]
    shared = sorted(set(rows[0]) & set(rows[1]))
    lines = []
    for number, column in enumerate(COMPARED):
        changed = {image for image, variant in shared if _changed(rows, (image, variant), number)}
        if changed:
            lines.append(f"{len(changed)} images with another {column}: {_some(changed)}")
    return lines


def _changed(rows: list[dict[tuple[str, int], tuple[Any, ...]]], key: tuple[str, int], number: int) -> bool:
    return bool(rows[0][key][number] != rows[1][key][number])


def _by_key(version: Version) -> dict[tuple[str, int], tuple[Any, ...]]:
    table = {name: version.table[name].tolist() for name in ("image_id", "variant", *COMPARED)}
    keys = zip(table["image_id"], table["variant"], strict=True)
    return dict(zip(keys, zip(*(table[name] for name in COMPARED), strict=True), strict=True))


def _some(names: set[str]) -> str:
    shown = sorted(names)[:EXAMPLES]
    return ", ".join(shown) + (", ..." if len(names) > EXAMPLES else "")
