"""Typed configurations: read from TOML, written as plain dicts, addressed by digest."""

import dataclasses
import hashlib
import importlib.resources
import json
import math
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from artasyn.data_manifests.errors import ConfigError, did_you_mean
from artasyn.data_manifests.regular_files import read_regular

__all__ = ["config_from_dict", "config_to_dict", "digest", "load_recipe", "preset_names", "read_toml"]

Config = TypeVar("Config")


def config_from_dict(cls: type[Config], values: Mapping[str, Any], *, where: str = "config") -> Config:
    """Build the (nested) config dataclass `cls`; fields not given keep their defaults.

    Raises ConfigError naming the key for unknown keys, wrong types and values a `__post_init__` refuses.
    """
    if not isinstance(values, Mapping):
        raise ConfigError(where, f"must be a table, got {str(values)[:100]}")
    hints = typing.get_type_hints(cls)
    known = {f.name for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    unknown = sorted(set(values) - known)
    if unknown:
        raise ConfigError(where, f"unknown key `{unknown[0]}`", did_you_mean(unknown[0], known))
    parsed = {key: _parse(hints[key], value, where=f"{where}.{key}") for key, value in values.items()}
    try:
        return cls(**parsed)
    except (TypeError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(where, str(error)) from error


def _parse(hint: Any, value: Any, *, where: str) -> Any:
    """Check `value` against a field's annotation; nested dataclasses and tuples of them are built."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise ConfigError(where, f"must be a table, got {value!r}")
        return config_from_dict(typing.cast(type[Any], hint), value, where=where)
    if origin in (types.UnionType, typing.Union):
        return _parse_union(arguments, value, where=where)
    if origin is tuple:
        return _parse_tuple(arguments, value, where=where)
    if origin in (dict, Mapping) or getattr(origin, "__name__", "") == "Mapping":
        if not isinstance(value, Mapping):
            raise ConfigError(where, f"must be a table, got {value!r}")
        return {k: _parse(arguments[1], v, where=f"{where}.{k}") for k, v in value.items()}
    if origin is typing.Literal:
        if value not in arguments:
            raise ConfigError(where, f"must be one of {', '.join(map(repr, arguments))}, got {value!r}")
        return value
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is float and isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(where, f"must be a finite number, got {value!r}")
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise ConfigError(where, f"must be {hint.__name__}, got {value!r}")
    return value


def _parse_union(arguments: tuple[Any, ...], value: Any, *, where: str) -> Any:
    problems = []
    for argument in arguments:
        try:
            return None if argument is type(None) and value is None else _parse(argument, value, where=where)
        except ConfigError as error:
            problems.append(error)
    raise problems[0]


def _parse_tuple(arguments: tuple[Any, ...], value: Any, *, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ConfigError(where, f"must be a list, got {value!r}")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        arguments = (arguments[0],) * len(value)
    if len(arguments) != len(value):
        raise ConfigError(where, f"must have {len(arguments)} values, got {len(value)}")
    return tuple(
        _parse(a, v, where=f"{where}[{i}]") for i, (a, v) in enumerate(zip(arguments, value, strict=True))
    )


def config_to_dict(config: Any) -> dict[str, Any]:
    """Return the config as plain JSON-serialisable values."""
    return {field.name: _plain(getattr(config, field.name)) for field in dataclasses.fields(config)}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return config_to_dict(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value


def read_toml(path: Path) -> dict[str, Any]:
    """Parse a TOML file. Raises ConfigError naming the file and the line."""
    try:
        return tomllib.loads(read_regular(path).decode("utf-8"))
    except RecursionError as error:
        raise ConfigError(path, "cannot be read as TOML: it is nested too deeply") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(path, f"cannot be read as TOML: {error}") from error


def preset_names(package: str) -> list[str]:
    """Return the names of the recipes that `package` ships."""
    names = (entry.name for entry in (importlib.resources.files(package) / "presets").iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def load_recipe(cls: type[Config], preset: str | Path, *, package: str, others: Iterable[str] = ()) -> Config:
    """Read a recipe that `package` ships, by name, or any TOML file by path; keys not given keep their defaults.

    `others` are names that the caller knows beside them. Raises ConfigError.
    """
    shipped = preset_names(package)
    known = [*shipped, *others]
    if str(preset) in shipped:
        path = importlib.resources.files(package) / "presets" / f"{preset}.toml"
        return config_from_dict(cls, tomllib.loads(path.read_text(encoding="utf-8")), where=str(preset))
    if not Path(preset).is_file():
        raise ConfigError(preset, "is neither a preset nor a TOML file", did_you_mean(str(preset), known))
    return config_from_dict(cls, read_toml(Path(preset)), where=Path(preset).name)


def digest(value: Any) -> str:
    """Return the SHA-256 hex digest of a JSON-serialisable value, independent of key order."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
