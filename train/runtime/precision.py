"""In which precision to compute, and how to keep small gradients from vanishing."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from artasyn.data_manifests.errors import ConfigError

__all__ = [
    "ComputeConfig",
    "Precision",
    "autocast",
    "bfloat16_gain",
    "exact_arithmetic",
    "gradient_scaler",
    "resolve_precision",
    "training_arithmetic",
]

DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16}

GAIN = 1.2
"""How many times as fast as float32 a processor must be in bfloat16 for `auto` to take it."""


Precision = Literal["auto", "float32", "bfloat16", "float16"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeConfig:
    """How the arithmetic is done; a run keeps what its first start resolved."""

    precision: Precision = "auto"
    """`auto`: bfloat16 where it is quicker (a processor is timed), else float32; float16 on older GPUs."""
    channels_last: bool = True
    """Whether maps are stored with the channel running fastest."""
    compile: bool = False
    """Whether torch.compile is used: a minute at the start, and not bit for bit the same as without."""


def resolve_precision(config: ComputeConfig, device: torch.device) -> ComputeConfig:
    """Return the config with `auto` decided: bfloat16 where it is quicker, else float32 (float16 on older GPUs).

    A processor is timed: some that multiply bfloat16 natively do so at half the pace of float32.
    Raises ConfigError for float16 on a processor.
    """
    if config.precision == "float16" and device.type == "cpu":
        raise ConfigError("compute.precision", "float16 needs a GPU", "use bfloat16 or float32")
    if config.precision != "auto":
        return config
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
        return replace(config, precision="bfloat16" if fast else "float16")
    native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return replace(config, precision="bfloat16" if native and bfloat16_gain() >= GAIN else "float32")


def bfloat16_gain(*, rounds: int = 8) -> float:
    """Return how many times as fast as in float32 this processor convolves in bfloat16, there and back."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randn((8, 64, 32, 32), generator=generator).contiguous(memory_format=torch.channels_last)
    weight = torch.randn((64, 64, 3, 3), generator=generator).contiguous(memory_format=torch.channels_last)
    leaves = images.requires_grad_(), weight.requires_grad_()
    # In turns, and the best of each: whatever else the machine does hits both alike.
    seconds = [[_convolve_seconds(*leaves, half=half) for half in (False, True)] for _ in range(rounds)]
    return min(plain for plain, _ in seconds) / min(half for _, half in seconds)


def _convolve_seconds(images: Tensor, weight: Tensor, *, half: bool) -> float:
    began = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        result = F.conv2d(images, weight, padding=1)
    torch.autograd.grad(result.float().sum(), (images, weight))
    return time.perf_counter() - began


@contextlib.contextmanager
def exact_arithmetic() -> Iterator[None]:
    """Compute float32 as float32: TF32, which GPUs use for speed, would move scores against frozen thresholds."""
    settings = _tf32_settings()
    for place, name, _, exact in settings:
        setattr(place, name, exact)
    try:
        yield
    finally:
        for place, name, before, _ in settings:
            setattr(place, name, before)


def _tf32_settings() -> list[tuple[object, str, bool | str, bool | str]]:
    """Return where torch keeps whether it may use TF32, under which name, what it says now, and the value for no.

    torch 2.9 brought other names, and refuses to read the former ones in a program that has set one of the others.
    """
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    try:
        return [(place, "allow_tf32", place.allow_tf32, False) for place in (matmul, cudnn)]
    except RuntimeError:
        conv = cudnn.conv  # type: ignore[attr-defined]
        return [(place, "fp32_precision", place.fp32_precision, "ieee") for place in (matmul, conv)]


@contextlib.contextmanager
def training_arithmetic(device: torch.device) -> Iterator[None]:
    """Compute as `exact_arithmetic`, so that `float32` means it, with the convolutions that cuDNN times as quickest.

    Timing pays where shapes repeat, as in a training; which convolution wins may differ from start to start, so runs
    on a GPU repeat within rounding, not bit for bit.
    """
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = device.type == "cuda"
    try:
        with exact_arithmetic():
            yield
    finally:
        torch.backends.cudnn.benchmark = before


def autocast(config: ComputeConfig, device: torch.device) -> contextlib.AbstractContextManager[object]:
    """Return the context in which the network computes."""
    if config.precision not in DTYPES:
        return contextlib.nullcontext()
    return torch.autocast(device.type, DTYPES[config.precision])


def gradient_scaler(config: ComputeConfig, device: torch.device) -> torch.amp.GradScaler:
    """Return the scaler of the loss: at work in float16 only."""
    return torch.amp.GradScaler(device.type, enabled=config.precision == "float16")
