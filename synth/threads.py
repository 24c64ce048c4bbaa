"""Hold the libraries to one thread: parallelism is between images, and on small matrices threads only wait.

Measured on two busy cores: lung fields of one image take 10 ms of processor time with one BLAS thread, 170 ms with two.
"""

import contextlib
import functools
from collections.abc import Iterator

import cv2
from threadpoolctl import ThreadpoolController

__all__ = ["one_thread"]


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let OpenCV, BLAS and OpenMP use one thread within the block."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with _controller().limit(limits=1):
            yield
    finally:
        cv2.setNumThreads(before)


@functools.cache
def _controller() -> ThreadpoolController:
    """Return the libraries that are loaded; looking for them takes milliseconds, so once a process."""
    return ThreadpoolController()
