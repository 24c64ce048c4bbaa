"""Make docs/reference/python.md: the public names of `artasyn` and what they return, from their docstrings."""

import dataclasses
import importlib
import inspect
import typing
from collections.abc import Iterator
from typing import Any

import numpy as np

import artasyn
from tools.recipe_reference import meanings

__all__ = ["python_page"]

RETURNED = (
    "artasyn.synth.lungs.lung_field.LungField",
    "artasyn.synth.opacities.engine.Opacity",
    "artasyn.train.scoring.thresholds.Thresholds",
    "artasyn.eval.prediction.predictor.Prediction",
    "artasyn.train.runs.run.Run",
    "artasyn.data_manifests.store.version.Version",
)
HEAD = """# Python

Made from the code by `make docs-reference`. `import artasyn` is quick: each name loads its libraries on first use.
A name whose libraries are not installed says which extra it needs. [tour.py](../tour.py) uses them all.

`artasyn.synth.config.load_config("mine.toml")` reads a recipe of a build: its parts `lungs` and `opacities` are what
`config` takes below. Errors are `artasyn.data_manifests.errors.ArtasynError` and its kinds. Each names
the file, the reason and the remedy.
"""


def python_page() -> str:
    """Return the page as Markdown."""
    names = [name for name in artasyn.__all__ if name != "__version__"]
    lines = [HEAD, "## Public names", ""]
    for name in names:
        lines += [*_section(f"artasyn.{name}", getattr(artasyn, name)), ""]
    lines += ["## What they return", ""]
    for place in RETURNED:
        module, _, name = place.rpartition(".")
        lines += [*_section(place, getattr(importlib.import_module(module), name)), ""]
    return "\n".join(lines)


def _section(place: str, thing: Any) -> Iterator[str]:
    yield f"### `{place}`\n"
    if not dataclasses.is_dataclass(thing):
        yield f"`{thing.__name__}{_signature(thing)}{_returned(thing)}`\n"
    yield _doc(thing) + "\n"
    if inspect.isclass(thing):
        yield from _fields(thing)
        yield from _methods(thing)


def _fields(cls: type[Any]) -> Iterator[str]:
    if dataclasses.is_dataclass(cls):
        said = meanings(cls, shared=False)
        for field in dataclasses.fields(cls):
            yield f"- `{field.name}`: {said.get(field.name) or f'`{_type(field.type)}`'}"


def _type(annotation: Any) -> str:
    """Return a type in short: what is in an array, else where the type lives."""
    if typing.get_origin(annotation) is np.ndarray:
        return f"{typing.get_args(typing.get_args(annotation)[1])[0].__name__} array"
    return inspect.formatannotation(annotation)


def _returned(thing: Any) -> str:
    """Return the result's type behind an arrow, by its name alone; "" of a class, or where nothing comes back."""
    result = None if inspect.isclass(thing) else inspect.signature(thing).return_annotation
    return f" -> {_type(result).rpartition('.')[2]}" if result else ""


def _methods(cls: type[Any]) -> Iterator[str]:
    for name, member in vars(cls).items():
        if name == "__init__" and not dataclasses.is_dataclass(cls) and member.__doc__:
            yield f"- made from: {_line(member)}"
        if name.startswith("_") or not getattr(member, "__doc__", None):
            continue
        if isinstance(member, property) or hasattr(member, "attrname"):  # the latter a cached property
            yield f"- `{name}`: {_line(member)}"
        elif callable(member) or isinstance(member, classmethod):
            yield f"- `{name}{_signature(getattr(cls, name))}`: {_line(member)}"


def _doc(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").replace("\n\n", "\0").replace("\n", " ").replace("\0", "\n\n")


def _line(thing: Any) -> str:
    return _doc(thing).replace("\n\n", " ")


def _signature(thing: Any) -> str:
    """Return names and defaults; types stand in the code."""
    parameters = list(inspect.signature(thing).parameters.values())
    shown, starred = [], False
    for parameter in parameters:
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            shown.append("*")
            starred = True
        plain = isinstance(parameter.default, str | int | float | bool | type(None))
        config = type(parameter.default).__name__ if dataclasses.is_dataclass(parameter.default) else ""
        default = f"={parameter.default!r}" if plain else f"={config}()" if config else "=..."
        shown.append(parameter.name + ("" if parameter.default is parameter.empty else default))
    return f"({', '.join(shown)})"
