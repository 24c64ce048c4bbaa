"""Wait for a Dask cluster, and tell the user where it has no worker or its scheduler is lost."""

import contextlib
import itertools
import logging
from collections.abc import Callable, Iterator
from typing import Any

from distributed import CancelledError, Client, wait
from distributed import TimeoutError as DaskTimeoutError
from distributed.comm.core import CommClosedError
from distributed.utils import silence_logging_cmgr

from artasyn.data_manifests.errors import StoreError

__all__ = ["Tell", "next_done", "said_when_lost"]

POLL_SECONDS = 5
"""Between two checks whether scheduler and workers are still there."""
REMIND_SECONDS = 60
"""Between two lines that say that there is no worker."""

Tell = Callable[[str], None]
"""Is told what the user should know while there is nothing else to see."""


def next_done(client: Client, running: set[Any], tell: Tell) -> Any:
    """Return a future that is done; while no worker is there to do one, say so from time to time."""
    told = -REMIND_SECONDS
    for waited in itertools.count(step=POLL_SECONDS):
        if waited - told >= REMIND_SECONDS and not _has_workers(client):
            tell(f"waiting for workers: start some with `dask worker {_address(client)}`; Ctrl-C stops")
            told = waited
        with contextlib.suppress(DaskTimeoutError):
            return next(iter(wait(running, timeout=POLL_SECONDS, return_when="FIRST_COMPLETED").done))
    raise AssertionError


@contextlib.contextmanager
def said_when_lost(client: Client) -> Iterator[None]:
    """Raise StoreError, without the log that Dask writes, where the scheduler is lost meanwhile."""
    with silence_logging_cmgr(logging.CRITICAL):
        try:
            yield
        except (CancelledError, CommClosedError) as error:
            raise _lost(client) from error


def _has_workers(client: Client) -> bool:
    if client.status != "running":
        raise _lost(client)
    try:
        return bool(client.nthreads())
    except OSError as error:
        raise _lost(client) from error


def _lost(client: Client) -> StoreError:
    remedy = "start it again and run the same command: it goes on"
    return StoreError(_address(client), "the Dask scheduler is lost", remedy)


def _address(client: Client) -> str:
    return str(client.scheduler.address) if client.scheduler else "Dask"
