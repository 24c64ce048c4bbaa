"""Worker processes: how many, and that they start quickly, end with their parent and leave Ctrl-C to it."""

import contextlib
import os
import signal
import sys
import threading
import types
from collections.abc import Iterator
from multiprocessing import connection, forkserver, get_all_start_methods, get_context, parent_process
from multiprocessing.context import BaseContext

__all__ = ["available_cores", "follow_parent", "import_ahead", "leave_out_main", "worker_context"]

FORKSERVER = "forkserver"


def available_cores() -> int:
    """Return the number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def worker_context() -> BaseContext:
    """Return how worker processes start: forked from a process that imports once, or each from nothing."""
    return get_context(FORKSERVER if FORKSERVER in get_all_start_methods() else "spawn")


def import_ahead(module: str) -> None:
    """Begin to import a module in the process that workers are forked from, while this one does other things.

    To be called before the first worker starts. What the module does on import must survive a fork: no threads of its
    own, no device.
    """
    if FORKSERVER in get_all_start_methods():
        get_context(FORKSERVER).set_forkserver_preload([module])
        forkserver.ensure_running()


@contextlib.contextmanager
def leave_out_main() -> Iterator[None]:
    """Start workers that do not run the main file of this program again.

    multiprocessing lets each worker run it, for classes that it may define. A file that calls us without
    `if __name__ == "__main__":` would begin anew in every worker. For workers that need none of its classes.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def follow_parent() -> None:
    """End this worker process as soon as the process that asked for it is gone, however that ended.

    For workers that `multiprocessing` started (spawn or forkserver): it gives each a pipe that closes then.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_wait_and_exit, args=(parent.sentinel,), daemon=True).start()


def _wait_and_exit(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)  # nobody is left to tell, and locks of libraries may be held by other threads
