"""artasyn-eval export."""

from pathlib import Path

import click

from artasyn.data_manifests.cli import FORCE, say
from artasyn.data_manifests.heavy_imports import heavy_imports
from artasyn.eval.commands.options import RUN

__all__ = ["export"]


def _check_model(_context: click.Context, _option: click.Parameter, path: Path) -> Path:
    """Refuse another suffix before any work is done: what reads the file goes by it."""
    if path.suffix.lower() != ".onnx":
        raise click.BadParameter(f"{path} must end in .onnx")
    return path


@click.command(short_help="Write a run as one ONNX file, for use without torch.")
@RUN
@click.argument("model", type=click.Path(path_type=Path, dir_okay=False), callback=_check_model)
@FORCE
def export(run: Path, model: Path, *, force: bool) -> None:
    """Write RUN as MODEL, one ONNX file with preprocessing, thresholds and score inside.

    \b
    Example:
      artasyn-eval export runs/first first.onnx
    """
    with heavy_imports():
        from artasyn.eval.prediction.onnx_export import export_onnx

    difference = export_onnx(run, model, force=force)
    say(f"wrote {model}; its outputs differ from torch's by {difference:.1e} at most")
