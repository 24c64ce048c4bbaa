"""All that a training carries from step to step, and how it is saved and restored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from artasyn.data_manifests.config import config_from_dict
from artasyn.data_manifests.errors import ConfigError
from artasyn.train.config import TrainConfig
from artasyn.train.models.anomaly_network import AnomalyNetwork, build_network
from artasyn.train.models.pretrained_features import published_digest, tuned_weights
from artasyn.train.optim.ema import average_copy
from artasyn.train.runs.checkpoint import learnt_weights, load_weights_
from artasyn.train.runtime.precision import gradient_scaler
from artasyn.train.runtime.seeds import tensor_generator

__all__ = ["TrainState", "new_state", "state_of"]

SETTLED = 10_000
"""Steps after which the average of the weights has no random start left to forget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What a checkpoint says beside its tensors, see TrainState."""

    step: int
    moved: int = -1
    """Steps that moved weights: all but those that float16 left out; -1 for all."""
    seconds: float
    best_quality: float
    best_step: int
    stale: int
    scaler: Mapping[str, int | float]
    published: str = ""
    """Digest of the weights that a package ships; empty in older runs, whose checkpoints hold them."""

    def __post_init__(self) -> None:
        """Refuse counts below 0."""
        if min(self.step, self.seconds, self.best_step, self.stale) < 0:
            raise ConfigError("checkpoint", f"counts must be at least 0, got {self}")


@dataclass(slots=True, kw_only=True)
class TrainState:
    """The state after `step` steps."""

    network: AnomalyNetwork
    average: AnomalyNetwork
    optimizer: torch.optim.AdamW
    scaler: torch.amp.GradScaler
    step: int = 0
    seconds: float = 0.0
    """Time spent training, over all starts."""
    best_quality: float = -2.0
    """Highest quality of the averaged weights so far, see `ThresholdCurves.quality`."""
    best_step: int = 0
    stale: int = 0
    """Validations since then."""
    earlier: int = 0
    """Steps that its first weights had behind them, for their moving average."""

    def tensors(self) -> dict[str, Tensor]:
        """Return what was learnt, by name: weights, averaged weights, the optimiser's two moments."""
        named = learnt_weights(self.network, prefix="network.") | self.average_tensors()
        for name, parameter in self.network.named_parameters():
            moments = self.optimizer.state.get(parameter, {})
            named |= {
                f"adam.{key}.{name}": moments[key] for key in ("exp_avg", "exp_avg_sq") if key in moments
            }
        return named

    def average_tensors(self) -> dict[str, Tensor]:
        """Return the averaged weights by name: all that using the network needs beside what a package ships."""
        return learnt_weights(self.average, prefix="average.")

    def moved(self) -> int:
        """Return how many steps moved weights, by Adam's own count; note: this waits for the device."""
        counts = [moments["step"] for moments in self.optimizer.state.values()]
        return int(counts[0].item()) if counts else 0

    def numbers(self) -> dict[str, Any]:
        """Return the rest as JSON values."""
        return {
            "step": self.step,
            "moved": self.moved(),
            "seconds": self.seconds,
            "best_quality": self.best_quality,
            "best_step": self.best_step,
            "stale": self.stale,
            "scaler": self.scaler.state_dict(),
            "published": published_digest(self.network),
        }

    def restore_(self, tensors: dict[str, Tensor], numbers: dict[str, Any]) -> None:
        """Put a saved state in place of this one. Raises RunError where it is of another network, ConfigError where
        its numbers are not those of a training."""
        saved = config_from_dict(Numbers, numbers, where="checkpoint")
        moved = saved.step if saved.moved < 0 else saved.moved
        for name, network in (("network", self.network), ("average", self.average)):
            load_weights_(network, tensors, prefix=f"{name}.", published=saved.published)
        for name, parameter in self.network.named_parameters():
            if f"adam.exp_avg.{name}" in tensors:
                moments = {
                    k: _like(parameter, tensors[f"adam.{k}.{name}"]) for k in ("exp_avg", "exp_avg_sq")
                }
                self.optimizer.state[parameter] = {
                    "step": _step_tensor(self.optimizer, moved),
                    **moments,
                }
        self.step, self.seconds = saved.step, saved.seconds
        self.best_quality, self.best_step, self.stale = saved.best_quality, saved.best_step, saved.stale
        if saved.scaler:  # empty where the steps before were not taken in float16
            self.scaler.load_state_dict(dict(saved.scaler))


def new_state(config: TrainConfig, *, size: int, device: torch.device) -> TrainState:
    """Return the state before the first step; weights follow from the seed alone."""
    # The initialisers of torch draw from its global generator: it is set here, and put back, so that nothing
    # drawn before can be seen in the weights.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(tensor_generator(config.seed, 0, stage="weights").initial_seed())
        network = build_network(config.network, size=size)
    network = network.to(device)
    if config.compute.channels_last:
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(
        _rated_weights(network, tune=config.network.compact.tune),
        lr=config.optim.learning_rate,
        weight_decay=config.optim.weight_decay,
        fused=True,
    )
    scaler = gradient_scaler(config.compute, device)
    average = average_copy(network)
    assert isinstance(average, AnomalyNetwork)
    return TrainState(network=network, average=average, optimizer=optimizer, scaler=scaler)


def _rated_weights(network: AnomalyNetwork, *, tune: float) -> list[dict[str, Any]]:
    """Return the optimiser's groups of weights; `share` is that of the learning rate."""
    tuned = list(tuned_weights(network))
    known = set(map(id, tuned))
    groups = [{"params": [p for p in network.parameters() if id(p) not in known], "share": 1.0}]
    return [*groups, {"params": tuned, "share": tune}] if tuned else groups


def state_of(network: AnomalyNetwork, config: TrainConfig, *, size: int, device: torch.device) -> TrainState:
    """Return the state before the first step of a training that begins with the weights of a trained network."""
    state = new_state(config, size=size, device=device)
    for copy in (state.network, state.average):
        copy.load_state_dict(network.state_dict())
    state.earlier = SETTLED
    return state


def _like(parameter: Tensor, value: Tensor) -> Tensor:
    """Return the value with the device and memory layout of the parameter, as the optimiser had it."""
    return torch.empty_like(parameter, requires_grad=False).copy_(value)


def _step_tensor(optimizer: torch.optim.AdamW, step: int) -> Tensor:
    device = optimizer.param_groups[0]["params"][0].device
    return torch.tensor(float(step), dtype=torch.float32, device=device)
