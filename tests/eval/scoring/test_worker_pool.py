"""Work comes out the same whoever does it, and begins in workers alone."""

import os

import pytest

from artasyn.eval.scoring.worker_pool import WorkerPool


def _square(number: int) -> int:
    return number * number


def _refuse(number: int) -> int:
    raise ValueError(f"not {number}")


@pytest.mark.parametrize("workers", [0, 2])
def test_each_and_begin_give_every_result(workers: int) -> None:
    with WorkerPool(workers) as pool:
        waiting = [pool.begin(_square, number) for number in range(5)]
        assert sorted(pool.each(_square, range(5))) == [0, 1, 4, 9, 16]
        assert [wait() for wait in waiting] == [0, 1, 4, 9, 16]
        with pytest.raises(ValueError, match="not 3"):
            pool.begin(_refuse, 3)()
        with pytest.raises(ValueError, match="not 3"):
            list(pool.each(_refuse, [3]))


def _process(_: int) -> int:
    return os.getpid()


def test_workers_stay_from_one_work_to_the_next() -> None:
    with WorkerPool(1) as pool:
        first = pool.begin(_process, 0)()
        assert list(pool.each(_process, range(3))) == [first] * 3
    assert first != os.getpid()
    with WorkerPool() as pool:
        assert pool.begin(_process, 0)() == os.getpid()
