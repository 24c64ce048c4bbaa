"""Laws of computing on one thread."""

from collections.abc import Iterator

import pytest
import torch

from artasyn.train.runtime.threads import one_thread


@pytest.fixture(autouse=True)
def three_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@one_thread()
def threads_inside(*, fail: bool) -> int:
    if fail:
        raise ValueError("inside")
    return torch.get_num_threads()


def test_one_thread_inside_and_as_many_as_before_after_it() -> None:
    assert threads_inside(fail=False) == 1
    assert torch.get_num_threads() == 3


def test_an_error_changes_no_number_of_threads() -> None:
    with pytest.raises(ValueError, match="inside"):
        threads_inside(fail=True)
    assert torch.get_num_threads() == 3
