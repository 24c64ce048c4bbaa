"""One optimisation step: the only place where gradients are made."""

import contextlib
import math
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from artasyn.train.config import TrainConfig
from artasyn.train.data.dataset import Batch, Item
from artasyn.train.fitting.prepare import prepare
from artasyn.train.fitting.state import TrainState
from artasyn.train.objective.objective import mask_alone, weigh_losses
from artasyn.train.optim.ema import update_average_
from artasyn.train.runtime.distributed import Processes
from artasyn.train.runtime.precision import autocast
from artasyn.train.runtime.seeds import tensor_generator

__all__ = ["NonFiniteLossError", "StepResult", "batch_losses", "seed_dropout", "take_step_"]


class StepResult(NamedTuple):
    """What a step did."""

    losses: dict[str, float]
    """Mean over the images of the whole step that have it: `loss`, each term unweighted; `gradient`, its norm."""
    images: int
    """Images of the whole step."""


class NonFiniteLossError(ArithmeticError):
    """A loss or gradient is not finite; carries the losses and the items they came from."""

    def __init__(self, losses: dict[str, float], items: tuple[Item, ...]) -> None:
        self.losses, self.items = losses, items
        super().__init__(f"loss is not finite: {losses}")


def take_step_(
    state: TrainState,
    module: nn.Module,
    parts: Iterator[Batch],
    *,
    config: TrainConfig,
    processes: Processes,
    rate: float,
) -> StepResult:
    """Move the weights of `state` by one step with learning rate `rate`; takes `accumulate` batches from `parts`.

    `module` is the state's network, perhaps wrapped for several processes or compiled.
    Raises NonFiniteLossError before any weight is touched.
    """
    state.optimizer.zero_grad(set_to_none=True)
    sums: dict[str, Tensor] = {}
    counts: Counter[str] = Counter()
    items: list[Item] = []
    total = 0
    for part in range(config.optim.accumulate):
        batch = next(parts)
        total = batch.total
        items.extend(batch.items)
        seed_dropout(state.step * config.optim.accumulate + part, config.seed, processes.rank)
        with _last_part_alone_syncs(module, last=part + 1 == config.optim.accumulate):
            losses = batch_losses(state.step, module, batch, config=config, device=processes.device)
            # Processes are averaged, parts are added: with this factor both give the mean over the step's images.
            share = losses["loss"] * (processes.world / total)
            state.scaler.scale(share).backward()  # type: ignore[no-untyped-call]
        for name, value in losses.items():
            sums[name] = sums.get(name, torch.zeros((), device=value.device)) + value.detach()
            counts[name] += len(batch.study)
    means = _means(sums, counts, processes) | {"gradient": _clip_gradient_(state, config.optim.clip)}
    # float16 overflows now and then: its scaler skips such a step by itself.
    exempt = {"gradient"} if state.scaler.is_enabled() else set()
    if not all(math.isfinite(value) for name, value in means.items() if name not in exempt):
        raise NonFiniteLossError(means, tuple(items))
    _move_weights_(state, config, rate=rate)
    return StepResult(means, total)


def batch_losses(
    step: int, module: nn.Module, batch: Batch, *, config: TrainConfig, device: torch.device
) -> dict[str, Tensor]:
    """Return the sum over the batch's images of the weighted loss, `loss`, and of each term.

    Of pseudo-labelled images the cross entropy with their labels alone counts, as the term `pseudo_labels`.
    """
    targets = prepare(
        batch,
        config.augment,
        seed=config.seed,
        step=step,
        studies=config.data.studies,
        shrink=config.network.shrink,
        device=device,
    )
    with autocast(config.compute, device):
        output = module(targets.images)
    if batch.pseudo_labelled:
        loss, terms = weigh_losses(output, targets, mask_alone(config.loss))
        return {"loss": loss.sum(), "pseudo_labels": terms["pixels"].sum()}
    loss, terms = weigh_losses(output, targets, config.loss)
    return {"loss": loss.sum()} | {name: value.sum() for name, value in terms.items()}


def seed_dropout(position: int, seed: int, rank: int) -> None:
    """Set torch's global generators, from which dropout alone draws, so that a resumed step repeats."""
    torch.manual_seed(tensor_generator(seed, position, stage=f"dropout {rank}").initial_seed())


def _last_part_alone_syncs(module: nn.Module, *, last: bool) -> contextlib.AbstractContextManager[object]:
    if isinstance(module, DistributedDataParallel) and not last:
        return module.no_sync()
    return contextlib.nullcontext()


def _means(sums: dict[str, Tensor], counts: Counter[str], processes: Processes) -> dict[str, float]:
    """Return the means over all processes; note: this waits for the device."""
    values = torch.stack(list(sums.values())).double()
    images = torch.tensor([counts[name] for name in sums], dtype=values.dtype, device=values.device)
    values, images = processes.sum(torch.stack((values, images)))
    return dict(zip(sums, (values / images).tolist(), strict=True))


def _clip_gradient_(state: TrainState, largest: float) -> float:
    """Return the norm of the whole gradient, and shorten the gradient to `largest` in place (0: leave it)."""
    state.scaler.unscale_(state.optimizer)
    gradients = [p.grad for p in state.network.parameters() if p.grad is not None]
    norm = nn.utils.get_total_norm(gradients)
    if largest:
        nn.utils.clip_grads_with_norm_(state.network.parameters(), largest, norm)
    return float(norm)


def _move_weights_(state: TrainState, config: TrainConfig, *, rate: float) -> None:
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    state.scaler.step(state.optimizer)
    state.scaler.update()
    update_average_(state.average, state.network, decay=config.optim.ema, step=state.earlier + state.step)
    state.step += 1
