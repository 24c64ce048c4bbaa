"""The command `artasyn-eval`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, cast

import click

from artasyn.data_manifests.cli import ArtasynGroup, say
from artasyn.data_manifests.progress import ProgressBar

__all__ = ["main"]

RUN = click.argument("run", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON alone: what the file written holds.")
FORCE = click.option("--force", is_flag=True, help="Replace files that are in the way, whoever wrote them.")
SCORING = [
    click.option("--split", default="", help="Only this split of the store."),
    click.option(
        "--resamples", default=1000, show_default=True, help="Bootstrap resamples behind each interval."
    ),
    click.option(
        "--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of the bootstrap."
    ),
    click.option("--workers", default=0, show_default=True, help="Processes; never changes a figure."),
    click.option("--allow-leak", is_flag=True, help="Score images that a run was trained on as well."),
    click.option("--pixel-only", is_flag=True, help="Leave out the image level, for stores of one class."),
    click.option(
        "--held-out", is_flag=True, help="Score the held-out synthetic studies of a training store."
    ),
]


def _scoring_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(SCORING):
        command = option(command)
    return command


@click.group(cls=ArtasynGroup, extra="eval", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="artasyn")
def main() -> None:
    """Score trained networks on radiographs they have never seen; compare, predict, export.

    Research tool: not a medical device, not for diagnosis.
    """


@main.command()
@RUN
@click.argument("store", metavar="STORE[@TAG]")
@click.option(
    "--report",
    "out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the report; default below RUN/scores.",
)
@click.option(
    "--protocol",
    type=click.Choice(["artasyn", "official-compat"]),
    default="artasyn",
    show_default=True,
    help="official-compat adds the published evaluator's arithmetic.",
)
@_scoring_options
@FORCE
@JSON
def score(
    run: Path,
    store: str,
    out: Path | None,
    *,
    split: str,
    protocol: str,
    as_json: bool,
    resamples: int,
    seed: int,
    workers: int,
    allow_leak: bool,
    pixel_only: bool,
    held_out: bool,
    force: bool,
) -> None:
    """Score RUN on an evaluation store: report.json, report.html, images.csv.

    Thresholds come from the run. A scoring that was stopped goes on where it was.

    \b
    Example:
      artasyn-eval score runs/first stores/hospital@test --report reports/first
    """
    from artasyn.eval.pages.report_page import write_report
    from artasyn.eval.pages.terminal import headline
    from artasyn.eval.score import ScoreConfig
    from artasyn.eval.score import score as score_run

    config = ScoreConfig(
        split=split,
        protocol=cast(Literal["artasyn", "official-compat"], protocol),
        resamples=resamples,
        seed=seed,
        workers=workers,
        allow_leak=allow_leak,
        pixel_only=pixel_only,
        held_out=held_out,
    )
    out = out or run / "scores" / _folder_name(
        store, f"split-{split}" * bool(split), "pixel-only" * pixel_only, "held-out" * held_out, protocol
    )
    with ProgressBar("images") as progress:
        scored = score_run(run, store, out=out, config=config, progress=progress, force=force)
    if scored.folder != out:
        say(f"{out} holds a report on another question, which stays (--force replaces it)", err=True)
    page = write_report(scored, force=force)
    _tell(scored.folder / "report.json", [*headline(scored.report), f"Report: {page}"], as_json=as_json)


def _tell(file: Path, lines: Sequence[str], *, as_json: bool) -> None:
    """Print the lines, or in their place what the JSON file holds."""
    say(file.read_text(encoding="utf-8").rstrip() if as_json else "\n".join(lines))


def _folder_name(store: str, *asked: str) -> str:
    """Return a name for each question asked of a store, so that no report replaces another's."""
    name = store.rstrip("/").rpartition("/")[2].replace("@", "-")
    return "-".join(part for part in (name, *asked) if part and part != "artasyn")


@main.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.argument("store", metavar="STORE[@TAG]")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the comparison."
)
@_scoring_options
@FORCE
@JSON
def compare(
    runs: tuple[Path, ...],
    store: str,
    *,
    out: Path,
    as_json: bool,
    split: str,
    resamples: int,
    seed: int,
    workers: int,
    allow_leak: bool,
    pixel_only: bool,
    held_out: bool,
    force: bool,
) -> None:
    """Score RUNS on the same store; differences to the first get intervals from paired resamples.

    \b
    Example:
      artasyn-eval compare runs/paper runs/ours stores/hospital@test --out reports/duel
    """
    from artasyn.eval.compare import compare as compare_runs
    from artasyn.eval.pages.compare_page import comparison_lines, write_comparison
    from artasyn.eval.score import ScoreConfig

    config = ScoreConfig(
        split=split,
        resamples=resamples,
        seed=seed,
        workers=workers,
        allow_leak=allow_leak,
        pixel_only=pixel_only,
        held_out=held_out,
    )
    with ProgressBar("images") as progress:
        report = compare_runs(runs, store, out=out, config=config, progress=progress, force=force)
    page = write_comparison(report, out, force=force)
    _tell(out / "compare.json", [*comparison_lines(report), f"Table: {page}"], as_json=as_json)


@main.command()
@RUN
@click.argument("images", metavar="IMAGES...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the predictions.",
)
@FORCE
@JSON
def predict(run: Path, images: tuple[Path, ...], *, out: Path, force: bool, as_json: bool) -> None:
    """Apply RUN to IMAGES (PNG, JPEG, TIFF, DICOM, or folders of them) at their original geometry.

    Writes heat map, mask and overlay of each, scores.csv and predictions.json; for DICOM also a Segmentation
    object, which carries the patient of its source. Files that cannot be used are listed.

    \b
    Example:
      artasyn-eval predict runs/first chest.png scans/ --out predictions
    """
    from artasyn.data_manifests.ownership import owned
    from artasyn.eval.prediction.predictor import Predictor
    from artasyn.eval.prediction.writer import Outputs, find_images

    predictor = Predictor.load(run)
    outputs, (paths, others) = Outputs(out, predictor, force=force), find_images(images)
    if others:
        say(f"files passed over, no images by their names: {others}", err=True)
    if not paths:
        raise click.ClickException("no image found: give PNG, JPEG, TIFF or DICOM files, or folders of them")
    outputs.check(paths)
    with owned(out), ProgressBar("images") as progress:
        for prediction in predictor.predict(paths, on_bad=outputs.add_bad_):
            outputs.add_(prediction)
            progress(len(outputs.lines), len(paths))
        outputs.finish()
    for what, listed in (("left out", outputs.bad), ("no Segmentation object", outputs.unsegmented)):
        for trouble in listed:
            say(f"{what}: {trouble['message']}", err=True)
    if not outputs.lines:
        raise click.ClickException(f"none of {len(paths)} files could be used (see {out / 'bad_files.csv'})")
    for line in outputs.lines:
        if not line["reliable"]:
            say(f"not to be relied on: {line['file']}: {line['doubts']}", err=True)
    called = sum(line["abnormal"] for line in outputs.lines)
    told = f"{len(outputs.lines)} images, {called} at or above the image threshold. Research only, not for diagnosis."
    _tell(out / "predictions.json", [told, f"Scores: {out / 'scores.csv'}"], as_json=as_json)


@main.command()
@RUN
@click.argument("model", type=click.Path(path_type=Path, dir_okay=False))
@FORCE
def export(run: Path, model: Path, *, force: bool) -> None:
    """Write RUN as MODEL, one ONNX file with preprocessing, thresholds and score inside.

    \b
    Example:
      artasyn-eval export runs/first first.onnx
    """
    from artasyn.eval.prediction.onnx_export import export_onnx

    say(f"{model}: largest difference to torch {export_onnx(run, model, force=force):.1e}")
