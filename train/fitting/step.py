"""One optimisation step: the only place where gradients are made."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from artasyn.train.augment.augmentation import AugmentationPlan, keep_whole
from artasyn.train.config import TrainConfig
from artasyn.train.data.dataset import Batch, Item
from artasyn.train.data.packed import Packed
from artasyn.train.fitting.prepare import prepare
from artasyn.train.fitting.state import TrainState
from artasyn.train.fitting.varied_batches import VariedBatch
from artasyn.train.objective.objective import mask_alone, weigh_losses
from artasyn.train.optim.ema import update_average_
from artasyn.train.runtime.distributed import Processes
from artasyn.train.runtime.precision import autocast
from artasyn.train.runtime.seeds import tensor_generator

__all__ = ["StepResult", "take_step_"]


class StepResult(NamedTuple):
    """What a step did; to read its values is to wait for the device."""

    step: int
    """Number of the step, from 0."""
    names: tuple[str, ...]
    """`loss`, each term unweighted, and `gradient`, the norm of the whole gradient."""
    values: Tensor
    """`(len(names),)` float64 on the device: means over the images of the whole step that have it."""
    images: int
    """Images of the whole step."""
    items: tuple[Item, ...]
    """Those of this process."""


def take_step_(
    state: TrainState,
    module: nn.Module,
    parts: Iterator[Packed[VariedBatch]],
    *,
    config: TrainConfig,
    processes: Processes,
    rate: float,
    whole: bool = False,
) -> StepResult:
    """Move the weights of `state` by one step with learning rate `rate`; takes `accumulate` batches from `parts`.

    `module` is the state's network, perhaps wrapped for several processes or compiled. The device is asked nothing:
    where a loss or the gradient is not finite, the device itself leaves the weights as they are. With `whole` no
    opacity is cut to parts.
    """
    state.optimizer.zero_grad(set_to_none=True)
    sums: dict[str, Tensor] = {}
    counts: Counter[str] = Counter()
    items: list[Item] = []
    total = 0
    for part in range(config.optim.accumulate):
        batch, plan = next(parts).on(processes.device)
        plan = keep_whole(plan) if whole else plan
        total = batch.total
        items.extend(batch.items)
        _seed_dropout(state.step * config.optim.accumulate + part, config.seed, processes.rank)
        with _last_part_alone_syncs(module, last=part + 1 == config.optim.accumulate):
            losses = _batch_losses(module, batch, plan, config=config, device=processes.device)
            # Processes are averaged, parts are added: with this factor both give the mean over the step's images.
            share = losses["loss"] * (processes.world / total)
            state.scaler.scale(share).backward()  # type: ignore[no-untyped-call]
        for name, value in losses.items():
            sums[name] = sums.get(name, torch.zeros((), device=value.device)) + value.detach()
            counts[name] += len(batch.study)
    means = _means(sums, counts, processes)
    norm = _clip_gradient_(state, config.optim.clip)
    result = StepResult(
        state.step, (*sums, "gradient"), torch.cat((means, norm.double()[None])), total, tuple(items)
    )
    _move_weights_(state, config, rate=rate, finite=result.values.isfinite().all())
    return result


def _batch_losses(
    module: nn.Module, batch: Batch, plan: AugmentationPlan, *, config: TrainConfig, device: torch.device
) -> dict[str, Tensor]:
    """Return the sum over the batch's images of the weighted loss, `loss`, and of each term.

    Of pseudo-labelled images the cross entropy with their labels alone counts, as the term `pseudo_labels`.
    """
    targets = prepare(batch, plan, shrink=config.network.shrink)
    with autocast(config.compute, device):
        output = module(targets.images)
    if batch.pseudo_labelled:
        loss, terms = weigh_losses(output, targets, mask_alone(config.loss))
        return {"loss": loss.sum(), "pseudo_labels": terms["pixels"].sum()}
    loss, terms = weigh_losses(output, targets, config.loss)
    return {"loss": loss.sum()} | {name: value.sum() for name, value in terms.items()}


def _seed_dropout(position: int, seed: int, rank: int) -> None:
    """Set torch's global generators, from which dropout alone draws, so that a resumed step repeats."""
    torch.manual_seed(tensor_generator(seed, position, stage=f"dropout {rank}").initial_seed())


def _last_part_alone_syncs(module: nn.Module, *, last: bool) -> contextlib.AbstractContextManager[object]:
    if isinstance(module, DistributedDataParallel) and not last:
        return module.no_sync()
    return contextlib.nullcontext()


def _means(sums: dict[str, Tensor], counts: Counter[str], processes: Processes) -> Tensor:
    """Return the means over all processes, `(len(sums),)` float64."""
    values = torch.stack(list(sums.values())).double()
    images = torch.tensor([counts[name] for name in sums], dtype=values.dtype)
    images = images.to(values.device, non_blocking=True)
    values, images = processes.sum(torch.stack((values, images)))
    means: Tensor = values / images
    return means


def _clip_gradient_(state: TrainState, largest: float) -> Tensor:
    """Return the norm of the whole gradient, and shorten the gradient to `largest` in place (0: leave it)."""
    state.scaler.unscale_(state.optimizer)
    gradients = [p.grad for p in state.network.parameters() if p.grad is not None]
    norm: Tensor = nn.utils.get_total_norm(gradients)
    if largest:
        nn.utils.clip_grads_with_norm_(state.network.parameters(), largest, norm)
    return norm


def _move_weights_(state: TrainState, config: TrainConfig, *, rate: float, finite: Tensor) -> None:
    """Move weights, Adam's moments and the average, all of them or, where `finite` is false, none."""
    for group in state.optimizer.param_groups:
        group["lr"] = rate * group["share"]
    # The fused optimiser reads this where the weights lie; the scaler of float16 sets it too, and is told by it.
    state.optimizer.found_inf = (~finite).float()  # type: ignore[attr-defined]
    state.scaler.step(state.optimizer)
    state.scaler.update()
    step = state.earlier + state.step
    update_average_(state.average, state.network, decay=config.optim.ema, step=step, finite=finite)
    state.step += 1
