"""A user's own torch module class, by import path `module:Class` or from a file `path/to/file.py:Class`."""

import hashlib
import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from torch import nn

from artasyn.data_manifests.errors import ConfigError

__all__ = ["import_class"]


def import_class(path: str) -> type[nn.Module]:
    """Return the torch module class that the path names; a file's path counts from where the command runs.

    Only classes of torch modules are accepted: a configuration from elsewhere must not be able to call just anything.
    Raises ConfigError where there is none.
    """
    place, _, name = path.rpartition(":")
    if not place or not name:
        reason = f"must be compact, paper, module:Class or path/to/file.py:Class, got {path!r}"
        raise ConfigError("network.name", reason)
    remedy = "is the file there, seen from here?" if place.endswith(".py") else "is it installed here?"
    try:
        module = _load_file(Path(place)) if place.endswith(".py") else importlib.import_module(place)
        found = getattr(module, name)
    except (ImportError, AttributeError, OSError, SyntaxError) as error:
        raise ConfigError("network.name", f"cannot import {path!r}: {error}", remedy) from error
    if not (isinstance(found, type) and issubclass(found, nn.Module)):
        raise ConfigError("network.name", f"{path!r} is not a class of torch modules")
    return found


def _load_file(path: Path) -> ModuleType:
    """Run the file as a module of its own name: one of the same name that is installed is not hidden by it."""
    known_as = f"artasyn_own_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(known_as, path)
    if spec is None or spec.loader is None:
        raise ImportError("it is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[known_as] = module  # dataclasses and pickles of its classes look it up there
    spec.loader.exec_module(module)
    return module
