"""Find the samples of a version by what the table and the records say of them."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.store.version import Version

__all__ = ["Filter", "VersionIndex"]

NOT_DRAWN = "not_drawn"
"""Reason of a variant that was never meant to be."""

Chosen = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What samples must have in common; an empty text stands for all."""

    kind: str = ""
    """A kind of opacity, a published synthesis, or a finding that the corpus names."""
    split: str = ""
    status: str = ""
    """ok, absent or rejected. Empty: all but variants that were not drawn."""
    reason: str = ""
    label: str = ""
    text: str = ""
    """Part of the image id."""
    faintest: float = 0.0
    """Lowest severity of the densest kind; samples without one are left out where this is above 0."""
    densest: float = 1.0
    """Highest severity of the densest kind."""


class VersionIndex:
    """The rows of a version, parsed once."""

    def __init__(self, version: Version) -> None:
        """Read the table. Raises DamageError."""
        table = version.table
        self._version, self._slots = version, version.shape.slots
        self._text = {name: _texts(table[name]) for name in ("image_id", "split", "status", "label")}
        self._kinds, severity = [], []
        for record, boxes in zip(table["record"], table["boxes"], strict=True):
            kinds, densest = _drawn(json.loads(str(record)), json.loads(str(boxes)))
            self._kinds.append(kinds)
            severity.append(densest)
        self._severity = np.array(severity)
        self._reasons = [_reasons(str(reason)) for reason in table["reason"]]
        variant = np.asarray(table["variant"])
        # A radiograph that is left out fills all its slots with the same reason: one of them is shown.
        self._shown = (self._text["status"] != "rejected") | (variant == 0)

    def find(self, wanted: Filter) -> NDArray[np.intp]:
        """Return the rows that a filter lets through, in order."""
        return np.flatnonzero(self._chosen(wanted))

    def counts(self) -> dict[str, dict[str, int]]:
        """Count the shown rows by kind, split, status, reason and label."""
        rows = np.flatnonzero(self._shown)
        found = {
            name: Counter(str(value) for value in self._text[name][rows])
            for name in ("split", "status", "label")
        }
        found["kind"] = Counter(kind for row in rows for kind in self._kinds[row])
        found["reason"] = Counter(reason for row in rows for reason in self._reasons[row])
        return {
            name: {value: number for value, number in sorted(values.items()) if value}
            for name, values in found.items()
        }

    def layers(self) -> list[str]:
        """Return the layers that at least one of the shown rows has."""
        return sorted({layer for row in np.flatnonzero(self._shown) for layer in self._layers(int(row))})

    def line(self, row: int) -> dict[str, Any]:
        """Return what a card of the list shows of a row."""
        table = self._version.table
        return {
            "row": row,
            **{name: str(values[row]) for name, values in self._text.items()},
            "study": int(table["study"][row]),
            "variant": int(table["variant"][row]),
            "reason": str(table["reason"][row]),
            "layers": self._layers(row),
            "boxes": json.loads(str(table["boxes"][row])),
            "drawn": _with_severity(json.loads(str(table["record"][row]))),
        }

    def detail(self, row: int) -> dict[str, Any]:
        """Return all columns of a row, its record, and the other variants of its study."""
        columns = {name: _value(values[row]) for name, values in self._version.table.items()}
        record = json.loads(columns.pop("record"))
        first = row - row % self._slots
        return {
            **self.line(row),
            "columns": columns,
            "record": json.dumps(record, indent=1),
            "variants": [self.line(other) for other in range(first, first + self._slots)],
        }

    def _layers(self, row: int) -> list[str]:
        """Return what lies over a row's picture; an evaluation has no outline beside the mask."""
        table = self._version.table
        if str(table["status"][row]) != "ok":
            return []
        there = {
            "mask": bool(table["has_mask"][row]),
            "outline": self._version.attributes["kind"] == "synthetic",
            "lungs": True,
            "reference_lungs": bool(table["has_lungs"][row]),
            "boxes": str(table["boxes"][row]) != "[]",
        }
        return [name for name, is_there in there.items() if is_there]

    def _chosen(self, wanted: Filter) -> Chosen:
        chosen: Chosen = self._shown.copy()
        for name in ("split", "status", "label"):
            if getattr(wanted, name):
                chosen &= self._text[name] == getattr(wanted, name)
        if wanted.kind:
            chosen &= _each(wanted.kind in kinds for kinds in self._kinds)
        if wanted.reason:
            chosen &= _each(wanted.reason in reasons for reasons in self._reasons)
        elif not wanted.status:
            chosen &= _each(NOT_DRAWN not in reasons for reasons in self._reasons)
        if wanted.text:
            part = wanted.text.casefold()
            chosen &= _each(part in name.casefold() for name in self._text["image_id"])
        if wanted.faintest > 0 or wanted.densest < 1:
            chosen &= (self._severity >= wanted.faintest) & (self._severity <= wanted.densest)
        return chosen


def _texts(values: NDArray[Any]) -> NDArray[np.object_]:
    return np.array([str(value) for value in values], object)


def _each(values: Any) -> Chosen:
    return np.fromiter(values, bool)


def _drawn(record: Mapping[str, Any], boxes: Sequence[Sequence[Any]]) -> tuple[tuple[str, ...], float]:
    """Return the names to filter by, and the severity of the densest kind, NaN where there is none."""
    kinds = _with_severity(record)
    findings = [*record.get("findings", {}), *(str(box[4]) for box in boxes if len(box) > 4)]
    severity = max((value for _, value in kinds if value is not None), default=float("nan"))
    return tuple(dict.fromkeys([*(name for name, _ in kinds), *findings])), severity


def _with_severity(record: Mapping[str, Any]) -> list[tuple[str, float | None]]:
    rival = [(str(record["rival"]), None)] if "rival" in record else []
    return [*rival, *((str(kind["name"]), float(kind["severity"])) for kind in record.get("kinds", []))]


def _reasons(text: str) -> tuple[str, ...]:
    return tuple(part.partition(":")[0] for part in text.split("; ") if part)


def _value(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else str(value)
