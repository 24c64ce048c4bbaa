"""The command `artasyn-train`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from artasyn.data_manifests.cli import ArtasynGroup, printable, say

if TYPE_CHECKING:
    from artasyn.train.fitting.fit import FitPlan
    from artasyn.train.fitting.trainer import Progress
    from artasyn.train.scoring.thresholds import Thresholds

__all__ = ["main"]


@click.group(cls=ArtasynGroup, extra="train", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="artasyn")
def main() -> None:
    """Fit a network that finds opacities, on a store of synthetic ones.

    Research software: not a medical device, not for diagnosis.
    """


@main.command()
@click.argument("store", nargs=-1, required=True)
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--preset", default="default", show_default=True, help="Recipe: default, paper, or a TOML file."
)
@click.option(
    "--steps", type=click.IntRange(min=1), help="Optimisation steps: a run that repeats bit for bit."
)
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="Train for so long instead.")
@click.option("--seed", type=click.IntRange(min=0), help="Start of every draw.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--threads", type=click.IntRange(min=1), help="Processor threads; all cores if not given.")
@click.option(
    "--workers", type=click.IntRange(min=0), default=0, show_default=True, help="Processes that read ahead."
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
    workers: int,
    resume: bool,
    dry_run: bool,
) -> None:
    """Train on STORE (STORE, STORE@TAG or STORE@ID; several are mixed) and write the folder RUN.

    \b
    Example:
      artasyn-train fit data/normals.zarr@v1 runs/first --minutes 20
      artasyn-train fit data/normals.zarr@v1 runs/first --minutes 20 --resume
      torchrun --nproc-per-node 2 -m artasyn.train fit data/normals.zarr@v1 runs/two --steps 5000
    """
    import torch

    from artasyn.train.config import load_config
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
        say(_outcome(thresholds, run))


def _ending(last: "Progress", patience: int) -> str:
    """Say where the weights come from, and why the training ended before its budget if it did."""
    kept = f"weights  those of step {last.best_step:,} of {last.step:,}, the best on held-out studies"
    if last.share >= 1:
        return kept
    return f"{kept}; stopped early: no improvement in {patience} validations (loop.patience; 0 disables)"


def _outcome(thresholds: "Thresholds", run: Path) -> str:
    """Say what came out, in three lines."""
    return (
        f"held-out synthetic Dice {thresholds.held_out_dice:.3f} at pixel threshold {thresholds.pixel:.3f} "
        f"({thresholds.rule}), over {thresholds.synthetic_images} images\n"
        f"marked on normal images: {thresholds.false_positives:.2%} of the lung field\n"
        f"run: {run}"
    )


def _describe(plan: "FitPlan") -> str:
    """Say what will be done, in a few lines."""
    import torch

    config, network = plan.config, plan.config.network
    budget = (
        f"{config.schedule.steps} steps" if config.schedule.steps else f"{config.schedule.minutes:g} minutes"
    )
    lines = [
        f"store    {store.name} ({store.version.id[:12]}): {len(store.train)} studies to train on, "
        f"{len(store.held_out)} held out{_twins(store.twins)}"
        for store in plan.stores
    ]
    side = plan.size // network.shrink
    lines += [
        f"network  {network.name}, heads {', '.join(network.heads)}",
        f"images   {plan.size} x {plan.size} px, seen at {side} x {side}",
        f"step     {config.data.studies} studies, learning rate {config.optim.learning_rate:g}",
        f"device   {plan.processes.device}, {config.compute.precision}, {torch.get_num_threads()} threads, "
        f"{plan.processes.world} process(es), {plan.workers} loader worker(s)",
        f"budget   {budget}, seed {config.seed}{_extended(plan)}",
    ]
    return "\n".join(lines)


def _extended(plan: "FitPlan") -> str:
    if not plan.extends:
        return ""
    return (
        "\n         more than the run was started with: from its last step on the learning rate follows the longer"
        "\n         schedule, so that the weights are not those of a run that was planned for so long"
    )


def _twins(count: int) -> str:
    return f", {count} left out (another store trains on the same image, or nearly)" if count else ""


@main.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("unlabelled")
@click.argument("store", nargs=-1, required=True)
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--split", default="", help="Learn from this split of UNLABELLED alone; others can be scored.")
@click.option("--steps", type=click.IntRange(min=1), default=900, show_default=True)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--threads", type=click.IntRange(min=1), help="Processor threads; all cores if not given.")
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
    RUN was trained on. A few minutes; started again from the beginning where it was stopped. OUT is no longer
    zero-shot for the unlabelled images: scoring it on them needs --allow-leak.

    \b
    Example:
      artasyn-synth ingest clinic/ stores/clinic
      artasyn-train adapt runs/first stores/clinic stores/chest@v1 runs/clinic
    """
    import torch

    from artasyn.train.adaptation.adapt import adapt as run_adapt
    from artasyn.train.adaptation.adapt import plan_adapt
    from artasyn.train.adaptation.self_training import AdaptConfig
    from artasyn.train.fitting.progress_bar import TrainingBar
    from artasyn.train.runtime.distributed import join_processes

    if threads:
        torch.set_num_threads(threads)
    config, processes = AdaptConfig(steps=steps), join_processes(device)
    plan = plan_adapt(run, unlabelled, store, out, split=split, config=config, processes=processes)
    say(f"{len(plan.rows)} unlabelled images, {steps} steps, device {processes.device}")
    with TrainingBar(visible=True) as bar:
        thresholds = run_adapt(plan, watch=bar.show)
    say(_outcome(thresholds, out))


@main.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="PNG to write; RUN/curves.png if not given.")
@click.option("--force", is_flag=True, help="Replace a file that is in the way, whoever wrote it.")
def show(run: Path, out: Path | None, *, force: bool) -> None:
    """Plot the curves of RUN to a PNG.

    \b
    Example:
      artasyn-train show runs/first --out first.png
    """
    from artasyn.train.runs.plot_curves import plot_curves

    picture = out or run / "curves.png"
    plot_curves(run, picture, force=force)
    say(picture)


@main.command(name="list")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(runs: tuple[Path, ...], as_json: bool) -> None:
    """Compare RUNS, one line each; of a folder that is no run, the runs inside it.

    \b
    Example:
      artasyn-train list runs
      artasyn-train list runs/first runs/second
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from artasyn.train.runs.plot_curves import compare_runs, find_runs

    lines = compare_runs(find_runs(runs))
    if as_json:
        say(json.dumps(lines, indent=2))
        return
    columns = list(dict.fromkeys(name for line in lines for name in line))
    table = Table(box=None)
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name == "run")
    for line in lines:
        table.add_row(*(Text(printable(line.get(name, ""))) for name in columns))
    # Programs that read the table get every line in one piece.
    console = Console()
    (console if console.is_terminal else Console(width=10_000)).print(table)
