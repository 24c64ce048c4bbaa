"""Memory that a process frees and soon needs again."""

import ctypes
import sys

__all__ = ["keep_freed_memory"]

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Names of the settings in glibc's malloc.h."""

KEPT = 256 << 20
"""Bytes that are kept at most."""


def keep_freed_memory() -> None:
    """Let this process keep some memory that it frees, where its C library can be told so (glibc).

    By default large arrays, such as the maps of a network, are given back to the system after every image and fetched
    again for the next: 1,600 page faults an image of a scoring, an eighth of its time. Dask makes its workers give back
    even more. No number changes.
    """
    if not sys.platform.startswith("linux"):
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(TRIM_THRESHOLD, KEPT)
        library.mallopt(MMAP_THRESHOLD, KEPT)
