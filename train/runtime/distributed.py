"""Several training processes, started by torchrun; one process otherwise."""

import os
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from artasyn.data_manifests.errors import ConfigError

__all__ = ["Processes", "join_processes"]


TIMEOUT = timedelta(hours=2)
"""How long processes wait for each other: the leading one validates and calibrates meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Processes:
    """Who this process is among those that train together."""

    rank: int
    world: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process writes the run folder."""
        return self.rank == 0

    def share_statistics(self, network: nn.Module) -> nn.Module:
        """Return the network with batch norms over all processes' images; before it is compiled or wrapped."""
        if self.world == 1 or self.device.type != "cuda":
            return network
        shared: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
        return shared

    def wrap(self, network: nn.Module) -> nn.Module:
        """Return the network with its gradients averaged over the processes."""
        if self.world == 1:
            return network
        places = [self.device.index] if self.device.type == "cuda" else None
        return DistributedDataParallel(network, device_ids=places)

    def sum(self, values: Tensor) -> Tensor:
        """Return the sum of `values` over the processes."""
        if self.world > 1:
            distributed.all_reduce(values)
        return values

    def agree(self, value: float) -> float:
        """Return the leading process's value in all of them."""
        if self.world == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64, device=self.device)
        distributed.broadcast(shared, src=0)
        return float(shared.item())

    def wait(self) -> None:
        """Wait until all processes are here."""
        if self.world > 1:
            distributed.barrier()

    def leave(self) -> None:
        """End working together."""
        if self.world > 1:
            distributed.destroy_process_group()


def join_processes(device: str) -> Processes:
    """Return this process's place, from the variables that torchrun sets; `device` is auto, cpu or cuda.

    Raises ConfigError where CUDA is asked for and not there, or has fewer devices than there are processes here.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device", "torch finds no CUDA device here", "use --device cpu or auto")
    rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    kind = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    place = _gpu(int(os.environ.get("LOCAL_RANK", "0"))) if kind == "cuda" else torch.device(kind)
    if kind == "cuda":
        torch.cuda.set_device(place)  # what names no device would land on the first one
    if world > 1:
        distributed.init_process_group(
            "nccl" if kind == "cuda" else "gloo",
            timeout=TIMEOUT,
            device_id=place if kind == "cuda" else None,
        )
    return Processes(rank=rank, world=world, device=place)


def _gpu(number: int) -> torch.device:
    """Return the GPU of the process that is this machine's `number`th, from 0."""
    found = torch.cuda.device_count()
    if number >= found:
        reason = f"a process for GPU {number} of this machine, which has {found}"
        raise ConfigError("device", reason, f"torchrun --nproc-per-node {found}")
    return torch.device("cuda", number)
