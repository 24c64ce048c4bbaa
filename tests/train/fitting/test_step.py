"""Laws of one step: the device is asked nothing, and what is not finite moves nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from artasyn.train.config import TrainConfig
from artasyn.train.data.dataset import StepBatches
from artasyn.train.data.loader import BatchFeed
from artasyn.train.data.packed import Packed
from artasyn.train.data.stores import open_training_stores
from artasyn.train.fitting.meters import NonFiniteLossError, Window
from artasyn.train.fitting.state import TrainState, new_state
from artasyn.train.fitting.step import StepResult, take_step_
from artasyn.train.fitting.varied_batches import VariedBatch, VariedBatches
from artasyn.train.runtime.distributed import Processes

Small = Callable[..., TrainConfig]
ALWAYS = {
    f"{name}_probability": 1.0
    for name in ("marker", "border", "device", "breast", "muscle", "scapula", "fold", "clavicle", "haze", "squeeze",
                 "spine")
}  # fmt: skip
PAPER: dict[str, Any] = {
    "network": {
        "name": "paper", "heads": ["reconstruction"], "shrink": 4, "correction": False,
        "paper": {"width": 4, "multipliers": [1, 2], "blocks": 1, "attention": [2]},
    },
    "data": {"studies": 2, "variants": 3, "normal_share": 1.0, "keep_together": True},
    "loss": {"features": 1.0, "region": 1.0, "overlap": 0.0, "pixels": 0.0, "lungs": 0.0},
    "score": {"aeration": 0.0},
}  # fmt: skip

LARGE = {"pixels": 2000.0, "lungs": 2000.0}
"""Weights of losses that overflow float32 with the scaler of `overflowing`, and do no longer after a few halvings."""


class Training:
    """Steps of a training, one at a time."""

    def __init__(self, config: TrainConfig, store: str, device: str = "cpu") -> None:
        self.config = config
        self.processes = Processes(rank=0, world=1, device=torch.device(device))
        batches = StepBatches(
            open_training_stores([store]), config.data, seed=config.seed, rank=0, world=1, parts=1
        )
        pin = device == "cuda"
        self.feed = BatchFeed(VariedBatches(batches, config), start=0, stop=1000, workers=0, pin=pin)
        self.state = new_state(config, size=64, device=self.processes.device)
        self.batches: Iterator[Packed[VariedBatch]] = iter(self.feed)

    def step(self) -> StepResult:
        network = self.state.network.train()
        return take_step_(
            self.state, network, self.batches, config=self.config, processes=self.processes, rate=1e-3
        )


class Questions(TorchDispatchMode):
    """Counts the operations for which a processor must wait for a GPU."""

    ASKING = ("_local_scalar_dense", "is_nonzero", "nonzero", "unique", "masked_select", "equal")

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.__name__.split(".")[0].lstrip("_")
        by_mask = name in ("index", "index_put") and any(
            index is not None and index.dtype in (torch.bool, torch.uint8) for index in args[1]
        )
        if by_mask or any(name.startswith(asking.lstrip("_")) for asking in self.ASKING):
            self.asked.append(func.__name__)
        return func(*args, **(kwargs or {}))


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> Questions:
    """Return the counter of questions; numbers and lists of tensors are counted too."""
    counter = Questions()
    for name in ("tolist", "numpy", "cpu"):
        original = getattr(Tensor, name)

        def asked(*args: Any, name: str = name, original: Any = original, **kwargs: Any) -> Any:
            counter.asked.append(name)
            return original(*args, **kwargs)

        monkeypatch.setattr(Tensor, name, asked)
    return counter


def test_the_counter_of_questions_hears_them(questions: Questions) -> None:
    x = torch.rand(3)
    with questions:
        x[0].item(), float(x[0]), bool(x[0] > 0), x.tolist(), torch.nonzero(x), x[x > 0], x.cpu()
        torch.tensor([1.0, 2.0]).add_(x[:2]).sum()
    assert len(questions.asked) == 7


@pytest.mark.parametrize("recipe", [{"augment": ALWAYS}, PAPER], ids=["compact", "paper"])
def test_between_lines_of_the_log_the_device_is_asked_nothing(
    recipe: dict[str, Any], toy_store: str, small: Small, questions: Questions
) -> None:
    training = Training(small(**recipe), toy_store)
    window = Window(training.feed, skips=False)
    ready = [next(training.batches) for _ in range(3)]  # what is drawn and planned is the loader's work
    training.batches = iter(ready)
    questions.asked.clear()
    with questions:
        for _ in ready:
            window.add(training.step())
        assert questions.asked == []
    assert window.means()["loss"] > 0
    assert questions.asked == ["tolist"]


@pytest.mark.cuda
@pytest.mark.parametrize("recipe", [{"augment": ALWAYS}, PAPER], ids=["compact", "paper"])
def test_a_gpu_is_not_waited_for_between_lines_of_the_log(
    recipe: dict[str, Any], toy_store: str, small: Small
) -> None:
    training = Training(small(**recipe), toy_store, device="cuda")
    training.step()  # allocates, and times convolutions
    torch.cuda.set_sync_debug_mode("error")
    try:
        results = [training.step() for _ in range(3)]
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert all(result.values.isfinite().all() for result in results)


@pytest.mark.cuda
def test_a_gpu_computes_what_a_processor_computes(toy_store: str, small: Small) -> None:
    config = small(augment=ALWAYS)
    here, there = Training(config, toy_store), Training(config, toy_store, device="cuda")
    for _ in range(3):
        torch.testing.assert_close(here.step().values, there.step().values.cpu(), rtol=1e-3, atol=1e-5)


def copied(state: TrainState) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in state.tensors().items()}


def test_a_step_that_is_not_finite_moves_nothing_and_is_named(
    toy_store: str, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = Training(small(), toy_store)
    window = Window(training.feed, skips=False)
    window.add(training.step())
    before = copied(training.state)
    with monkeypatch.context() as patch:
        broken = lambda logits, *_, **__: logits.sum(dim=(1, 2, 3)) * torch.nan  # noqa: E731
        patch.setattr("artasyn.train.objective.objective.focal", broken)
        window.add(training.step())
    after = training.state.tensors()
    assert [name for name in before if not torch.equal(before[name], after[name])] == []
    assert (training.state.step, training.state.moved()) == (2, 1)
    window.add(training.step())
    with pytest.raises(NonFiniteLossError, match="at step 1") as caught:
        window.means()
    assert caught.value.step == 1
    assert len(caught.value.items) == 4


def overflowing(config: TrainConfig, store: str) -> Training:
    """Return a training whose scaler begins far too high, as float16's does; it works on a processor too."""
    training = Training(config, store)
    training.state.scaler = torch.amp.GradScaler("cpu", init_scale=3e38)
    return training


def test_weights_moments_and_average_agree_on_the_steps_that_overflowed(toy_store: str, small: Small) -> None:
    training = overflowing(small(loss=LARGE), toy_store)
    window = Window(training.feed, skips=True)
    before = copied(training.state)
    window.add(training.step())
    after = training.state.tensors()
    assert [name for name in before if not torch.equal(before[name], after[name])] == []
    while not training.state.moved():
        window.add(training.step())
    left_out = training.state.step - 1
    means = window.means()
    assert means["skipped"] == left_out > 0
    assert torch.isfinite(torch.tensor(means["gradient"]))


def test_a_training_with_overflows_resumes_bit_for_bit(toy_store: str, small: Small) -> None:
    training, other = (overflowing(small(loss=LARGE), toy_store) for _ in range(2))
    while training.state.moved() < 2:
        training.step()
    assert training.state.moved() < training.state.step
    tensors, numbers = copied(training.state), training.state.numbers()
    other.state.restore_(tensors, numbers)
    other.batches = training.batches
    ready = [next(training.batches) for _ in range(3)]
    for each in (training, other):
        each.batches = iter(ready)
        for _ in ready:
            each.step()
    assert training.state.numbers() == other.state.numbers()
    first, second = training.state.tensors(), other.state.tensors()
    assert [name for name in first if not torch.equal(first[name], second[name])] == []


def test_float16_goes_on_from_steps_taken_in_another_precision(toy_store: str, small: Small) -> None:
    before, after = Training(small(), toy_store), overflowing(small(), toy_store)
    before.step()
    after.state.restore_(copied(before.state), before.state.numbers())
    assert (after.state.step, after.state.scaler.get_scale()) == (1, pytest.approx(3e38))
