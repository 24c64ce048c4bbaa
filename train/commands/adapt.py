"""artasyn-train adapt."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from artasyn.data_manifests.cli import say
from artasyn.data_manifests.heavy_imports import heavy_imports
from artasyn.train.commands.training import DEVICE, THREADS, describe_outcome, say_how_to_score

if TYPE_CHECKING:
    from artasyn.train.adaptation.plan import AdaptPlan

__all__ = ["adapt"]


@click.command(short_help="Train a run further, on unlabelled images.")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("unlabelled")
@click.argument("store", nargs=-1, required=True)
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--split", default="", help="Only this split of UNLABELLED; the others can then be scored.")
@click.option(
    "--steps", type=click.IntRange(min=1), default=900, show_default=True, help="Optimisation steps."
)
@DEVICE
@THREADS
def adapt(
    run: Path,
    unlabelled: str,
    store: tuple[str, ...],
    out: Path,
    split: str,
    steps: int,
    device: str,
    threads: int | None,
) -> None:
    """Train RUN further on pseudo-labels of UNLABELLED images from where it will be used; write the new run OUT.

    UNLABELLED is a store written by `artasyn-synth ingest`; of it only the images are read. STORE are the stores that
    RUN was trained on. It takes a few minutes; where it was stopped, the same command goes on. OUT is no longer
    zero-shot for the unlabelled images: scoring it on them needs --allow-leak.

    \b
    Example:
      artasyn-synth ingest clinic/ stores/clinic
      artasyn-train adapt runs/first stores/clinic stores/chest@v1 runs/clinic
    """
    with heavy_imports():
        import torch

        from artasyn.train.adaptation.adapt import adapt as run_adapt
        from artasyn.train.adaptation.plan import plan_adapt
        from artasyn.train.adaptation.self_training import AdaptConfig
        from artasyn.train.fitting.progress_bar import TrainingBar
        from artasyn.train.runtime.distributed import join_processes

    if threads:
        torch.set_num_threads(threads)
    config, processes = AdaptConfig(steps=steps), join_processes(device)
    try:
        plan = plan_adapt(run, unlabelled, store, out, split=split, config=config, processes=processes)
        if processes.leads:
            say(_describe(plan))
        with TrainingBar(visible=processes.leads) as bar:
            thresholds = run_adapt(plan, watch=bar.show)
    finally:
        processes.leave()
    if thresholds is not None:
        say(describe_outcome(thresholds, out))
        split = plan.unseen_split()
        known = plan.name if split else ""
        say_how_to_score(out, known, split=split, size=plan.run.size, squaring=plan.run.squaring)


def _describe(plan: "AdaptPlan") -> str:
    """Say what will be done, in one line."""
    return (
        f"{len(plan.rows)} unlabelled images, {plan.config.steps} steps, device {plan.processes.device}, "
        f"{plan.recipe.compute.precision}, processes {plan.processes.world}"
    )
