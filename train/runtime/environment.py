"""What a start of a run ran on: versions and kinds, no names or paths of the machine."""

import importlib.metadata
import platform
from typing import Any

import torch

from artasyn.data_manifests.code_digest import code_digest
from artasyn.train.runtime.distributed import Processes

__all__ = ["describe_environment"]

COMPUTES = ("data_manifests", "train")
"""Packages whose code has a say in the weights."""
PACKAGES = ("artasyn", "numpy", "safetensors", "torch", "zarr")


def describe_environment(processes: Processes, *, workers: int) -> dict[str, Any]:
    """Return versions, processor and device kinds, threads, and a digest of the code that computes."""
    device = processes.device
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "processor": torch.backends.cpu.get_cpu_capability(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
        "processes": processes.world,
        "loader_workers": workers,
        "code_digest": code_digest(COMPUTES),
    }
