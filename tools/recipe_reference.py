"""Make docs/reference/recipe.md: every key of a recipe, from the docstrings under the fields."""

import ast
import dataclasses
import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from artasyn.data_manifests.config import config_to_dict
from artasyn.synth.config import SynthConfig
from artasyn.train.config import TrainConfig

__all__ = ["meanings", "reference"]

HEAD = """# Every key of a recipe

Made from the code by `make docs-reference`. A recipe is a TOML file, given as `--preset`; what it leaves out is as
in the column *default*. The shipped recipes are `default`, `gpu` and `paper`.
"""


def reference() -> str:
    """Return the page as Markdown."""
    programs = (("artasyn-synth build", SynthConfig()), ("artasyn-train fit", TrainConfig()))
    lines = [HEAD]
    for program, config in programs:
        lines.append(f"## `{program}`\n")
        for table, values in _tables(config, ""):
            lines += [*_section(table, values), ""]
    return "\n".join(lines)


def _tables(config: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield each table of the recipe with its dataclass, the outer ones first."""
    yield name, config
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if dataclasses.is_dataclass(value):
            yield from _tables(value, f"{name}.{field.name}".strip("."))


def _section(table: str, config: Any) -> Iterator[str]:
    said, plain = meanings(type(config)), config_to_dict(config)
    rows = [
        f"| `{field.name}` | `{_toml(plain[field.name])}` | {said.get(field.name, '')} |"
        for field in dataclasses.fields(config)
        if not dataclasses.is_dataclass(getattr(config, field.name))
    ]
    if not rows:
        return
    if table:
        yield f"### `[{table}]`\n"
    yield f"{inspect.getdoc(type(config)).splitlines()[0]}\n"  # type: ignore[union-attr]
    yield "| key | default | meaning, unit |"
    yield "|---|---|---|"
    yield from rows


def meanings(cls: type[Any], *, shared: bool = True) -> dict[str, str]:
    """Return the docstring under each field; with `shared`, fields without one of their own have the next one."""
    found: dict[str, str] = {}
    waiting: list[str] = []
    (body,) = (
        n.body for n in ast.parse(textwrap.dedent(inspect.getsource(cls))).body if isinstance(n, ast.ClassDef)
    )
    for node in body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            waiting = [*waiting, node.target.id] if shared else [node.target.id]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and waiting:
            text = " ".join(str(node.value.value).split()).replace("|", "\\|")
            found |= dict.fromkeys(waiting, text)
            waiting = []
    return found


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)
