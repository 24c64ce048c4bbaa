"""artasyn-eval export."""

from pathlib import Path

import click

from artasyn.data_manifests.cli import FORCE, say
from artasyn.data_manifests.heavy_imports import heavy_imports
from artasyn.eval.commands.options import RUN

__all__ = ["export"]


@click.command(short_help="Write a run as one ONNX file, for use without torch.")
@RUN
@click.argument("model", type=click.Path(path_type=Path, dir_okay=False))
@FORCE
def export(run: Path, model: Path, *, force: bool) -> None:
    """Write RUN as MODEL, one ONNX file with preprocessing, thresholds and score inside.

    \b
    Example:
      artasyn-eval export runs/first first.onnx
    """
    with heavy_imports():
        from artasyn.eval.prediction.onnx_export import export_onnx

    say(f"{model}: largest difference to torch {export_onnx(run, model, force=force):.1e}")
