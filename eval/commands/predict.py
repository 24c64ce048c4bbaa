"""artasyn-eval predict."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from artasyn.data_manifests.cli import FORCE, say
from artasyn.data_manifests.heavy_imports import heavy_imports
from artasyn.data_manifests.progress import ProgressBar
from artasyn.eval.commands.options import DEVICE, JSON, RUN, tell
from artasyn.eval.pages.words import marked_in_words

__all__ = ["predict"]

SHOWN = 8
"""Most images whose verdicts are printed one by one; scores.csv holds all."""


@click.command(short_help="Write heat map, mask and score of new images.")
@RUN
@click.argument("images", metavar="IMAGES...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the predictions.",
)
@DEVICE
@FORCE
@JSON
def predict(
    run: Path, images: tuple[Path, ...], *, out: Path, device: str, force: bool, as_json: bool
) -> None:
    """Apply RUN to IMAGES (PNG, JPEG, TIFF, DICOM, or folders of them) at their original geometry.

    Writes heat map, mask and overlay of each, scores.csv and predictions.json; for DICOM also a Segmentation
    object, which carries the patient of its source. Files that cannot be used are listed.

    RUN is a folder of yours, or `starter`: a run that comes with this package, for research only.

    \b
    Example:
      artasyn-eval predict starter chest.png --out predictions
      artasyn-eval predict runs/first chest.png scans/ --out predictions
    """
    with heavy_imports():
        from artasyn.data_manifests.memory import keep_freed_memory
        from artasyn.data_manifests.ownership import owned
        from artasyn.eval.prediction.image_search import find_images
        from artasyn.eval.prediction.predictor import Predictor
        from artasyn.eval.prediction.writer import Outputs
        from artasyn.train.runs.run_folder import RunFolder

    keep_freed_memory()
    predictor = Predictor.load(run, device=device)
    outputs, (paths, others) = Outputs(out, predictor, force=force), find_images(images)
    if others:
        kinds = ", ".join(f"{kind} ({number})" for kind, number in others.most_common(8))
        say(f"files passed over, no radiographs by their names: {others.total()}: {kinds}", err=True)
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
        raise click.ClickException(f"no image could be used (see {out / 'bad_files.csv'})")
    if (card := RunFolder(predictor.run.path).card).exists():
        say(f"sources, terms and figures of this run: {card}", err=True)
    for line in outputs.lines:
        if not line["reliable"]:
            say(f"not to be relied on: {line['file']}: {line['doubts']}", err=True)
    told = _told(outputs.lines, predictor.run.thresholds.image, out)
    tell(out / "predictions.json", told, ("Scores", out / "scores.csv"), as_json=as_json)


def _told(lines: Sequence[Mapping[str, Any]], threshold: float, out: Path) -> list[str]:
    """Return what to print: the verdict on each of a few images, the sum of all, and what to look at."""
    verdicts = [
        f"{line['file']}: score {line['score']:.3f}, {'at or above' if line['abnormal'] else 'below'}"
        f" the threshold {threshold:.3f}; "
        f"{marked_in_words(line['marked_share_of_lungs'], line['marked_share_of_image'])}"
        for line in (lines if len(lines) <= SHOWN else ())
    ]
    called = sum(line["abnormal"] for line in lines)
    images = f"{len(lines)} image{'s' * (len(lines) != 1)}"
    return [
        *verdicts,
        f"{images}, {called} at or above the image threshold. Research only, not for diagnosis.",
        f"Look at {out / lines[0]['overlay']}: heat map and marks over the image.",
    ]
