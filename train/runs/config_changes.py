"""How two configurations of a run differ: any difference, or a longer budget alone."""

from collections.abc import Mapping
from typing import Any

__all__ = ["first_difference", "is_longer"]


def is_longer(old: Any, new: Mapping[str, Any]) -> bool:
    """Tell whether two configurations differ in nothing of their schedules but that the new one has more steps, or
    more minutes where both go by time."""
    before, after = (side.get("schedule") if isinstance(side, Mapping) else None for side in (old, new))
    if not isinstance(before, dict) or not isinstance(after, dict):
        return False
    budget = "steps" if after["steps"] else "minutes"
    rest = [{k: v for k, v in side.items() if k != budget} for side in (before, after)]
    return rest[0] == rest[1] and bool(before[budget]) and bool(before[budget] < after[budget])


def first_difference(old: Any, new: Any, *, where: str = "") -> str:
    """Return `key: old -> new` for the first difference between two JSON values; empty where they are equal."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            found = first_difference(old.get(key), new.get(key), where=f"{where}.{key}" if where else key)
            if found:
                return found
        return ""
    return "" if old == new else f"{where}: {old!r} -> {new!r}"
