"""Run shard tasks on Dask workers: local processes, or a scheduler that the user runs."""

import contextlib
import itertools
import os
from collections import Counter
from collections.abc import Iterable, Iterator

from distributed import Client, LocalCluster, as_completed

from data_manifests.errors import StoreError
from synth.build import Executor, ShardTask

__all__ = ["available_cores", "connect", "on_cluster"]

CONNECT_SECONDS = 15
TASKS_PER_WORKER = 4
"""Tasks that wait for each worker; more would only fill the scheduler's memory."""
RETRIES = 3
"""How often a task whose worker died is given to another."""


def available_cores() -> int:
    """Return the number of processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def connect(*, workers: int, scheduler: str = "") -> Iterator[Client]:
    """Connect to the scheduler at an address such as tcp://host:8786, or start `workers` processes here.

    Raises StoreError where the scheduler does not answer.
    """
    if not scheduler:
        cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0")
        with cluster, Client(cluster) as client:
            yield client
        return
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS)
    except OSError as error:
        remedy = "check the address, or leave --scheduler out to use this machine"
        raise StoreError(scheduler, "no Dask scheduler answers", remedy) from error
    with client:
        yield client


def on_cluster(client: Client) -> Executor:
    """Return an executor that keeps a bounded number of tasks in flight on the client's workers."""

    def run(tasks: Iterable[ShardTask]) -> Iterator[Counter[str]]:
        queue = iter(tasks)
        window = TASKS_PER_WORKER * max(1, len(client.scheduler_info()["workers"]))
        running = as_completed([_submit(client, task) for task in itertools.islice(queue, window)])
        for done in running:
            yield done.result()
            done.release()
            for task in itertools.islice(queue, 1):
                running.add(_submit(client, task))

    return run


def _submit(client: Client, task: ShardTask) -> object:
    return client.submit(_run, task, pure=False, retries=RETRIES)


def _run(task: ShardTask) -> Counter[str]:
    return task.run()
