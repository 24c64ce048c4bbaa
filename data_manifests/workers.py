"""What worker processes owe their parent: they end with it, and leave Ctrl-C to it."""

import os
import signal
import threading
from multiprocessing import connection, parent_process

__all__ = ["follow_parent"]


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
