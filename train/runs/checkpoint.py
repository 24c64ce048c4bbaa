"""Checkpoints that hold numbers only: a safetensors file, its state as JSON inside it. Nothing is pickled."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from artasyn.data_manifests.errors import RunError
from artasyn.data_manifests.files import write_file

__all__ = ["load_weights_", "read_checkpoint", "write_checkpoint"]

FORMAT = "artasyn-checkpoint-1"


def write_checkpoint(path: Path, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
    """Write both as one file, at once or not at all, and the state again as `.json` beside it for readers."""
    text = json.dumps(state, indent=1, sort_keys=True, allow_nan=False)
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_file(path, save(plain, metadata={"format": FORMAT, "state": text}))
    # The state inside the file is the one that counts: this copy may be one checkpoint behind after a power cut.
    write_file(path.with_suffix(".json"), text.encode() + b"\n")


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors (on the CPU) and the state. Raises RunError for anything but our own safetensors files."""
    try:
        with safe_open(str(path), framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except FileNotFoundError as error:
        raise RunError(path, "does not exist", "was the run stopped before its first checkpoint?") from error
    except (SafetensorError, OSError) as error:
        raise RunError(
            path,
            f"is not a safetensors file ({error})",
            "pickled checkpoints (.pt, .pth, .ckpt) can run code when opened and are never read",
        ) from error
    if metadata.get("format") != FORMAT:
        raise RunError(path, "is a safetensors file, but no checkpoint of artasyn")
    state: dict[str, Any] = json.loads(metadata["state"])
    return tensors, state


def load_weights_(network: nn.Module, tensors: dict[str, Tensor], *, prefix: str) -> None:
    """Copy the weights named `prefix...` into the network. Raises RunError naming the first that does not fit."""
    weights = {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
    wanted = network.state_dict()
    for name in sorted(wanted.keys() | weights.keys()):
        shapes = [tuple(side[name].shape) if name in side else "nothing" for side in (wanted, weights)]
        if shapes[0] != shapes[1]:
            reason = f"the network has {shapes[0]} where the checkpoint has {shapes[1]}"
            raise RunError(
                f"weight `{name}`", reason, "the checkpoint belongs to another network configuration"
            )
    network.load_state_dict(weights)
