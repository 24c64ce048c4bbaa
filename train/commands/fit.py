"""artasyn-train fit."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from artasyn.data_manifests.cli import say
from artasyn.data_manifests.heavy_imports import heavy_imports
from artasyn.train.commands.training import DEVICE, THREADS, describe_outcome, say_how_to_score

if TYPE_CHECKING:
    from artasyn.train.fitting.fit import FitPlan
    from artasyn.train.fitting.trainer import TrainingProgress

__all__ = ["fit"]


@click.command(short_help="Train a network on versions; it becomes a run.")
@click.argument("store", nargs=-1, required=True)
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--preset", default="default", show_default=True, help="Recipe: default, gpu, paper, or a TOML file."
)
@click.option(
    "--steps",
    type=click.IntRange(min=1),
    help="Optimisation steps; such a run repeats bit for bit. Without --steps and --minutes: the recipe's budget, "
    "20 minutes in default.",
)
@click.option(
    "--minutes", type=click.FloatRange(min=0, min_open=True), help="Minutes to train, instead of --steps."
)
@click.option("--seed", type=click.IntRange(min=0), help="Seed of every random draw.")
@DEVICE
@THREADS
@click.option(
    "--workers",
    type=click.IntRange(min=0),
    help="Processes that read ahead; unless given, none on a processor and up to 8 beside a GPU.",
)
@click.option("--resume", is_flag=True, help="Continue RUN where it stands, also with a larger budget.")
@click.option("--dry-run", is_flag=True, help="Print the plan and stop.")
def fit(
    store: tuple[str, ...],
    run: Path,
    preset: str,
    steps: int | None,
    minutes: float | None,
    seed: int | None,
    device: str,
    threads: int | None,
    workers: int | None,
    resume: bool,
    dry_run: bool,
) -> None:
    """Train on STORE (STORE, STORE@TAG or STORE@ID; several are mixed) and write the folder RUN.

    \b
    Example:
      artasyn-train fit stores/chest@v1 runs/first --minutes 20
      artasyn-train fit stores/chest@v1 runs/first --minutes 20 --resume
      torchrun --nproc-per-node 2 -m artasyn.train fit stores/chest@v1 runs/two --steps 5000
    """
    with heavy_imports():
        import torch

        from artasyn.train.config import load_config
        from artasyn.train.data.stores import squaring_of
        from artasyn.train.fitting.fit import plan_fit, run_fit
        from artasyn.train.fitting.progress_bar import TrainingBar
        from artasyn.train.runtime.distributed import join_processes

    if threads:
        torch.set_num_threads(threads)
    processes = join_processes(device)
    try:
        config = load_config(preset, steps=steps, minutes=minutes, seed=seed)
        plan = plan_fit(config, store, run, processes=processes, workers=workers, resume=resume)
        if processes.leads:
            say(_describe(plan))
        if dry_run:
            return
        with TrainingBar(visible=processes.leads) as bar:
            thresholds = run_fit(plan, watch=bar.show)
    finally:
        processes.leave()
    if thresholds is not None:
        if bar.last is not None:
            say(_ending(bar.last, config.loop.patience))
        say(describe_outcome(thresholds, run))
        say_how_to_score(run, size=plan.size, squaring=squaring_of(plan.stores[0].version))


def _ending(last: "TrainingProgress", patience: int) -> str:
    """Say where the weights come from, and why the training ended before its budget if it did."""
    kept = f"weights  those of step {last.best_step:,} of {last.step:,}, the best on held-out studies"
    if last.share >= 1:
        return kept
    return f"{kept}; stopped early: no improvement in {patience} validations (loop.patience; 0 disables)"


def _describe(plan: "FitPlan") -> str:
    """Say what will be done, in a few lines."""
    import torch

    config, network = plan.config, plan.config.network
    budget = (
        f"{config.schedule.steps} steps" if config.schedule.steps else f"{config.schedule.minutes:g} minutes"
    )
    lines = [
        f"store    {store.name} ({store.version.id[:12]}): {len(store.train)} studies to train on, "
        f"{len(store.held_out)} held out{_duplicates(store.duplicates)}"
        for store in plan.stores
    ]
    side = plan.size // network.shrink
    lines += [
        f"network  {network.name}, heads {', '.join(network.heads)}",
        f"images   {plan.size} x {plan.size} px, seen at {side} x {side}",
        f"step     {config.data.studies} studies, learning rate {config.optim.learning_rate:g}",
        f"device   {plan.processes.device}, {config.compute.precision}, processes {plan.processes.world}, "
        f"threads of each {torch.get_num_threads()}, processes that read ahead {plan.workers}",
        f"budget   {budget}, seed {config.seed}{_extended(plan)}",
    ]
    return "\n".join(lines)


def _extended(plan: "FitPlan") -> str:
    if not plan.extends:
        return ""
    return (
        "\n         more than the run was started with: from its last step on the learning rate follows the longer "
        "schedule, so the weights are not those of a run planned for that long"
    )


def _duplicates(count: int) -> str:
    return f", {count} left out (another store trains on the same image, or nearly)" if count else ""
