"""A recipe as TOML: what differs from the default, so that a person can read it."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import tomli_w

from artasyn.synth.config import SynthConfig

__all__ = ["recipe_text"]

HEADER = """\
# Give this file as --preset.
# What is not said here is as in the default recipe.
"""


def recipe_text(config: SynthConfig) -> str:
    """Return TOML that `load_config` reads as `config`."""
    return HEADER + tomli_w.dumps(_changed(config, SynthConfig()))


def _changed(config: Any, default: Any) -> dict[str, Any]:
    found = {}
    for field in dataclasses.fields(config):
        value, usual = getattr(config, field.name), getattr(default, field.name)
        if value != usual:
            found[field.name] = _changed(value, usual) if dataclasses.is_dataclass(value) else _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value
