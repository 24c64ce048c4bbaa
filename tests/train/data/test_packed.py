"""Laws of packed batches: what was packed comes back, from one piece of memory."""

from typing import NamedTuple

import pytest
import torch
from torch import Tensor
from torch.utils.data._utils.pin_memory import pin_memory

from artasyn.train.data.packed import Packed, pack

CPU = torch.device("cpu")


class Some(NamedTuple):
    bytes_: Tensor
    more: tuple[tuple[int, Tensor], ...]
    nothing: Tensor | None
    empty: Tensor
    name: str


def some() -> Some:
    generator = torch.Generator().manual_seed(0)
    return Some(
        bytes_=torch.randint(256, (3, 5, 7), dtype=torch.uint8, generator=generator),
        more=((4, torch.rand(2, 3, generator=generator)), (5, torch.tensor([2**40, -1]))),
        nothing=None,
        empty=torch.empty(0, 9),
        name="a",
    )


def test_what_was_packed_comes_back() -> None:
    back, before = pack(some()).on(CPU), some()
    assert isinstance(back, Some)
    assert (back.nothing, back.name, back.more[0][0]) == (None, "a", 4)
    for mine, theirs in ((back.bytes_, before.bytes_), (back.more[0][1], before.more[0][1]),
                         (back.more[1][1], before.more[1][1]), (back.empty, before.empty)):  # fmt: skip
        assert mine.dtype == theirs.dtype
        assert mine.shape == theirs.shape
        assert torch.equal(mine, theirs)


def test_all_tensors_lie_in_one_piece_of_memory() -> None:
    packed = pack(some())
    back = packed.on(CPU)
    start, stop = packed.memory.data_ptr(), packed.memory.data_ptr() + packed.memory.nbytes
    for tensor in (back.bytes_, back.more[0][1], back.more[1][1]):
        assert start <= tensor.data_ptr() < stop
        assert tensor.data_ptr() % tensor.element_size() == 0
    tensors = pack((1, "x", None))
    assert tensors.on(CPU) == (1, "x", None)


def test_the_loader_of_torch_pins_it_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    pinned: list[Tensor] = []

    def pin(packed: Packed[Some]) -> Packed[Some]:
        pinned.append(packed.memory)
        return packed

    monkeypatch.setattr(Packed, "pin_memory", pin)
    assert isinstance(pin_memory(pack(some())), Packed)
    assert len(pinned) == 1
