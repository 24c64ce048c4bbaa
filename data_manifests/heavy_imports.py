"""Import large libraries in less time, and leave sooner."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["heavy_imports"]


@contextmanager
def heavy_imports() -> Iterator[None]:
    """Look for no unused objects while modules are imported, and never again among those that they made.

    torch makes some hundred thousand objects that stay to the end. To look through them again and again takes an eighth
    of its import, and half a second when the process ends. For commands and their workers, around their imports.
    """
    looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # once a process: what is made later may come and go
            gc.freeze()
        if looking:
            gc.enable()
