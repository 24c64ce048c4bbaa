"""Run shard tasks on Dask workers: local processes, or a scheduler that the user runs."""

import contextlib
import functools
import itertools
import logging
import platform
import signal
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from multiprocessing import resource_tracker
from typing import Any

from distributed import Client, KilledWorker, LocalCluster

from artasyn.data_manifests.corpora.radiograph import Skipped
from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.memory import keep_freed_memory
from artasyn.synth.build.dask_waiting import Tell, next_done, said_when_lost
from artasyn.synth.build.program_digest import library_versions, program_digest
from artasyn.synth.build.shards import KILLED, Executor, ShardTask

__all__ = ["connect", "on_cluster", "program", "run_alone", "run_on_worker"]

CONNECT_SECONDS = 15
SAME_RELEASE = "install the same releases of artasyn (with its extra synth) and its libraries on every worker"
TASKS_PER_WORKER = 4
"""Tasks that wait for each worker; more would only fill the scheduler's memory."""
STARTS = 3
"""How often workers here are started, where one dies before it answers."""


@contextlib.contextmanager
def connect(*, workers: int, scheduler: str = "") -> Iterator[Client]:
    """Connect to the scheduler at an address such as tcp://host:8786, or start `workers` processes here.

    Raises StoreError where the scheduler does not answer, and where processes here die again and again as they start.
    """
    if not scheduler:
        with _local_cluster(workers) as cluster, Client(cluster) as client:
            yield client
        return
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        remedy = "check the address, or leave --scheduler out to use this machine"
        raise StoreError(scheduler, "no Dask scheduler answers", remedy) from error
    with client:
        _check_workers(client, scheduler)
        yield client


def _local_cluster(workers: int) -> LocalCluster:
    """Start worker processes that do not hear Ctrl-C: the command does, and ends them without a word of theirs.

    A blocked signal stays blocked in all that is started meanwhile, and in what these start later; but Python's
    tracker of shared memory unblocks it when it starts, so it is started before.
    """
    resource_tracker.ensure_running()
    with _blocked_interrupt():
        for _ in range(STARTS):
            try:
                return _start(workers)
            except RuntimeError as error:  # a worker died: Dask replaces only those that have answered
                died = error
    remedy = "free memory, or give fewer --workers; the same command goes on where it was"
    raise StoreError("--workers", f"processes died {STARTS} times as they started", remedy) from died


def _start(workers: int) -> LocalCluster:
    return LocalCluster(
        n_workers=workers, threads_per_worker=1, dashboard_address=":0", silence_logs=logging.CRITICAL
    )


@contextlib.contextmanager
def _blocked_interrupt() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _check_workers(client: Client, scheduler: str) -> None:
    """Raise StoreError unless every worker can load the same program."""
    try:
        others = client.run(program)
    except ImportError as error:
        raise StoreError(scheduler, f"a worker cannot load the program: {error}", SAME_RELEASE) from error
    for address, found in others.items():
        _refuse_stranger(address, found, program())


@functools.cache
def program() -> dict[str, str]:
    """Return all that has a say in the bytes: another program would write others."""
    return {"artasyn": program_digest(), **library_versions()}


def _refuse_stranger(worker: str, found: dict[str, str], expected: dict[str, str]) -> None:
    if found != expected:
        names = ", ".join(name for name in expected if found.get(name) != expected[name])
        raise StoreError(worker, f"this worker has another release of {names}", SAME_RELEASE)


def on_cluster(client: Client, *, tell: Tell = lambda _: None) -> Executor:
    """Return an executor that keeps a bounded number of tasks in flight on the client's workers.

    Says so while there is no worker; raises StoreError when the scheduler is lost.

    A worker that dies is replaced and its shard made again. An image that kills its worker every time is left out
    by name. Shards that merely shared workers with it are made again at the end, one at a time.
    """

    def run(tasks: Iterable[ShardTask]) -> Iterator[Counter[str]]:
        with said_when_lost(client):
            yield from _InFlight(client, tell).make(iter(tasks))

    return run


class _InFlight:
    """The tasks that the workers have been given, and those to be tried again alone."""

    def __init__(self, client: Client, tell: Tell) -> None:
        self._client, self._tell = client, tell
        self._given: dict[Any, ShardTask] = {}
        self._harmless: list[ShardTask] = []
        """Their workers died, though on none of their images alone."""

    def make(self, queue: Iterator[ShardTask]) -> Iterator[Counter[str]]:
        """Yield the tally of each task as it is done."""
        self._give(itertools.islice(queue, _window(self._client)))
        while self._given:
            done = next_done(self._client, set(self._given), self._tell)
            tally = self._tally(done, self._given.pop(done))
            done.release()  # else Dask would make the shard again when the worker that did it dies
            self._give(itertools.islice(queue, max(0, _window(self._client) - len(self._given))))
            yield tally
        yield from (run_alone(self._client, task) for task in self._harmless)

    def _give(self, tasks: Iterable[ShardTask]) -> None:
        for task in tasks:
            self._given[self._client.submit(run_on_worker, task, program(), pure=False)] = task

    def _tally(self, done: Any, task: ShardTask) -> Counter[str]:
        """Return the tally of a task; an empty one where its workers died, and it is tried again."""
        try:
            tally: Counter[str] = done.result()
        except KilledWorker:
            remade = _without_killers(self._client, task)
            if remade.entries == task.entries:
                self._harmless.append(task)
            else:
                self._give([remade])
            return Counter()
        return tally


def _window(client: Client) -> int:
    """Return how many tasks to keep in flight; workers may join and leave meanwhile."""
    threads: int = sum(client.nthreads().values())
    return TASKS_PER_WORKER * max(1, threads)


def run_alone(client: Client, task: ShardTask) -> Counter[str]:
    """Make a shard while nothing else runs, so that a worker that dies dies of it. Raises StoreError if one does."""
    try:
        tally: Counter[str] = client.submit(run_on_worker, task, program(), pure=False).result()
    except KilledWorker as error:
        remedy = "give each worker more memory, then run the same command again: it goes on"
        reason = "workers die on this shard, though on none of its images alone"
        raise StoreError(f"{task.draft.id}, shard {task.shard}", reason, remedy) from error
    return tally


def run_on_worker(task: ShardTask, expected: dict[str, str]) -> Counter[str]:
    """Run the task, unless this worker, which may have joined only now, has another program."""
    _refuse_stranger(platform.node(), program(), expected)
    keep_freed_memory()
    return task.run()


def _without_killers(client: Client, task: ShardTask) -> ShardTask:
    """Try each image of the shard alone and replace those that kill their worker again."""
    entries = list(task.entries)
    for place, entry in enumerate(entries):
        probe = client.submit(_run_one, task, place, pure=False)
        try:
            probe.result()
        except KilledWorker:
            message = "its worker process died on it every time; memory or a decoder's fault"
            entries[place] = Skipped(image_id=entry.image_id, reason=KILLED, message=message)
    return replace(task, entries=tuple(entries))


def _run_one(task: ShardTask, place: int) -> None:
    task.make_study(place)
