"""Settings that came after the first runs: a run that does not name one was computed as if it were off."""

from collections.abc import Mapping
from typing import Any

__all__ = ["OFF", "add_later_settings"]

OFF: dict[str, bool | int | float | str] = {
    "augment.part_probability": 0.0,
    "augment.part_until": 1.0,
    "network.compact.tune": 0.0,
    "score.distance_limit": 0.0,
    "score.inside_lungs": False,
    "score.map_patches": 0.0,
}
"""Each such setting, with the value at which nothing differs from a program that did not have it."""


def add_later_settings(said: Any) -> Any:
    """Return what a run's configuration says, with the settings that did not exist when it was written, as off."""
    for name, value in OFF.items():
        said = _with(said, name.split("."), value)
    return said


def _with(said: Any, keys: list[str], value: object) -> Any:
    """Return the table with a value where it has none; tables that are missing too are not made up."""
    first, *rest = keys
    if not isinstance(said, Mapping) or (rest and first not in said):
        return said
    return {**said, first: _with(said[first], rest, value) if rest else said.get(first, value)}
