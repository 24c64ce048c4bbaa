"""Who does the work of a scoring: worker processes that stay to its end, or this process."""

import functools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Self, TypeVar

from artasyn.data_manifests.errors import WorkerError
from artasyn.data_manifests.workers import follow_parent, worker_context

__all__ = ["WorkerPool"]

Given = TypeVar("Given")
Result = TypeVar("Result")


class WorkerPool:
    """Some worker processes, started with their first work; without any, this process does it.

    Work is a function at the top of a module; what it is given and returns is small. Raises WorkerError where a worker
    was killed, and what the work raises.
    """

    def __init__(self, workers: int = 0) -> None:
        self._pool = (
            ProcessPoolExecutor(workers, mp_context=worker_context(), initializer=follow_parent)
            if workers > 0
            else None
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for work that has begun; leave out the rest."""
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def each(self, work: Callable[[Given], Result], given: Iterable[Given]) -> Iterator[Result]:
        """Yield the result of each, in the order in which they are done."""
        if self._pool is None:
            yield from map(work, given)
            return
        pool = self._pool
        for future in as_completed([pool.submit(work, one) for one in given]):
            yield _result(future)

    def begin(self, work: Callable[[Given], Result], given: Given) -> Callable[[], Result]:
        """Let a worker begin; return what waits for the result. Without workers the work is done then."""
        if self._pool is None:
            return functools.partial(work, given)
        return functools.partial(_result, self._pool.submit(work, given))


def _result(future: Future[Result]) -> Result:
    try:
        return future.result()
    except BrokenProcessPool as error:
        reason = "a worker process ended before its work was done: it was killed, or memory ran out"
        remedy = "what is measured is kept: the same command goes on, perhaps with fewer --workers"
        raise WorkerError("score", reason, remedy) from error
