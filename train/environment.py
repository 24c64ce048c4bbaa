"""What a start of a run ran on: versions and kinds, no names or paths of the machine."""

import hashlib
import importlib.metadata
import importlib.resources
import platform
from typing import Any

import torch

from train.processes import Processes

__all__ = ["describe_environment"]

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
        "code_digest": _code_digest(),
    }


def _code_digest() -> str:
    """Return the SHA-256 over the sources of train and data_manifests, independent of any version control."""
    total = hashlib.sha256()
    for package in ("data_manifests", "train"):
        folder = importlib.resources.files(package)
        for entry in sorted(folder.iterdir(), key=lambda e: e.name):
            if entry.name.endswith(".py"):
                total.update(f"{package}/{entry.name}\0".encode())
                total.update(hashlib.sha256(entry.read_bytes()).digest())
    return total.hexdigest()
