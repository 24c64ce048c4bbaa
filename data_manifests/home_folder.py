"""The home folder of whoever runs a program; in a container there may be none."""

import os

__all__ = ["expand_home"]


def expand_home(path: str) -> str:
    """Return the path with the home folder in place of a leading `~`; unchanged where none is known."""
    return os.path.expanduser(path)  # noqa: PTH111 (that of Path raises RuntimeError then)
