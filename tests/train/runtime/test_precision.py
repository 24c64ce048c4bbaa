"""Laws of the arithmetic on a GPU that a processor can check."""

import subprocess
import sys
from datetime import timedelta

import pytest
import torch
from torch import nn

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.fitting.trainer import TrainingProgress
from artasyn.train.runtime import distributed
from artasyn.train.runtime.distributed import Processes, join_processes
from artasyn.train.runtime.precision import exact_arithmetic


def flags() -> tuple[bool, bool]:
    return torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32


def test_exact_arithmetic_is_float32_inside_and_as_before_outside() -> None:
    before = flags()
    with exact_arithmetic():
        assert flags() == (False, False)
    assert flags() == before


NEWER = """
import torch
from artasyn.train.runtime.precision import exact_arithmetic
places = (torch.backends.cuda.matmul, torch.backends.cudnn.conv)
torch.backends.fp32_precision = "tf32"
with exact_arithmetic():
    print(*(place.fp32_precision for place in places))
print(*(place.fp32_precision for place in places))
"""


@pytest.mark.skipif(not hasattr(torch.backends, "fp32_precision"), reason="torch before 2.9")
def test_exact_arithmetic_holds_where_a_program_allowed_tf32_by_the_newer_names() -> None:
    ran = subprocess.run([sys.executable, "-c", NEWER], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["ieee", "ieee", "tf32", "tf32"]


def test_thresholds_are_frozen_in_exact_arithmetic(monkeypatch: pytest.MonkeyPatch) -> None:
    from artasyn.train.fitting import finish

    seen = []
    monkeypatch.setattr(finish, "read_checkpoint", lambda _: ({}, {}))
    monkeypatch.setattr(finish, "load_weights_", lambda *_, **__: None)
    monkeypatch.setattr(finish, "seal_run", lambda _: None)
    monkeypatch.setattr(finish, "_calibrate", lambda *_, **__: seen.append(flags()))

    class Anything:
        def __getattr__(self, _: str) -> "Anything":
            return self

        def __call__(self, *_: object) -> "Anything":
            return self

    monkeypatch.setattr(finish, "_all_images", lambda *_: 0)
    progress = TrainingProgress(share=1.0, step=1, row={})
    finish.finish_run(
        Anything(),  # type: ignore[arg-type]
        (),
        Anything(),  # type: ignore[arg-type]
        config=Anything(),  # type: ignore[arg-type]
        device=torch.device("cpu"),
        ended=progress,
        watch=lambda _: None,
    )
    assert seen == [(False, False)]


def test_processes_choose_their_gpu_before_they_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, object]] = []
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", lambda place: calls.append(("set", place)))
    meet = lambda backend, **settings: calls.append((backend, settings))  # noqa: E731
    monkeypatch.setattr(distributed.distributed, "init_process_group", meet)
    processes = join_processes("cuda")
    place = torch.device("cuda", 1)
    assert calls[0] == ("set", place)
    assert calls[1] == ("nccl", {"timeout": timedelta(hours=2), "device_id": place})
    assert processes == Processes(rank=1, world=2, device=place)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(
        ConfigError, match=r"GPU 1 of this machine, which has 1 \(torchrun --nproc-per-node 1\)"
    ):
        join_processes("cuda")


def test_batch_norms_are_shared_before_the_network_is_wrapped() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    alone = Processes(rank=0, world=1, device=torch.device("cpu"))
    assert isinstance(alone.share_statistics(network)[1], nn.BatchNorm2d)  # type: ignore[index]
    many = Processes(rank=0, world=2, device=torch.device("cuda", 0))
    assert isinstance(many.share_statistics(network)[1], nn.SyncBatchNorm)  # type: ignore[index]
