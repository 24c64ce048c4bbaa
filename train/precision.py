"""In which precision to compute, and how to keep small gradients from vanishing."""

import contextlib
from dataclasses import replace

import torch

from data_manifests.errors import ConfigError
from train.config import ComputeConfig

__all__ = ["autocast", "gradient_scaler", "resolve_precision"]

DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16}


def resolve_precision(config: ComputeConfig, device: torch.device) -> ComputeConfig:
    """Return the config with `auto` decided: bfloat16 where the device multiplies it natively, else float32.

    Elsewhere bfloat16 is emulated and slower. Raises ConfigError for float16 on a processor.
    """
    if config.precision == "float16" and device.type == "cpu":
        raise ConfigError("compute.precision", "float16 needs a GPU", "use bfloat16 or float32")
    if config.precision != "auto":
        return config
    if device.type == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
        return replace(config, precision="bfloat16" if fast else "float16")
    fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return replace(config, precision="bfloat16" if fast else "float32")


def autocast(config: ComputeConfig, device: torch.device) -> contextlib.AbstractContextManager[object]:
    """Return the context in which the network computes."""
    if config.precision not in DTYPES:
        return contextlib.nullcontext()
    return torch.autocast(device.type, DTYPES[config.precision])


def gradient_scaler(config: ComputeConfig, device: torch.device) -> torch.amp.GradScaler:
    """Return the scaler of the loss: at work in float16 only."""
    return torch.amp.GradScaler(device.type, enabled=config.precision == "float16")
