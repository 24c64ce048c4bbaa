"""Export a run as one ONNX file that needs neither torch nor this package: preprocessing, thresholds and score inside.

Input `image` (N, 1, S, S) uint8 grey; outputs `anomaly` (N, S, S) float32 in [0, 1], `mask` (N, S, S) uint8 {0, 1},
`score` (N,) float32 and `abnormal` (N,) uint8. What the graph cannot do, resizing, is told by the file's metadata.
"""

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from artasyn.data_manifests.config import config_to_dict
from artasyn.data_manifests.errors import RunError
from artasyn.data_manifests.outputs import check_replaceable, write_single
from artasyn.eval.inference import infer, run_digest
from artasyn.eval.summary.summarise import NOTICE
from artasyn.train.runs.run import Run, open_run
from artasyn.train.scoring.image_score import score_images
from artasyn.train.scoring.thresholds import predicted_mask

__all__ = ["export_onnx", "parity"]

OUTPUTS = ("anomaly", "mask", "score", "abnormal")

MOST_IMAGES = 2**16
"""At once; torch 2.6 wants an end named."""
TOLERANCE = 1e-4
"""Largest difference to torch that an exported map or score may have."""


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's talk of its own internals from the user, and this machine's files from the graph.

    To note where in the code each node was made takes half of the time; older releases of torch always do.
    """
    logger, tracing = logging.getLogger("torch.onnx"), torch.fx.config
    before = logger.level, getattr(tracing, "do_not_emit_stack_traces", False)
    logger.setLevel(logging.ERROR)
    tracing.do_not_emit_stack_traces = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before[0])
        tracing.do_not_emit_stack_traces = before[1]


class _Graph(nn.Module):
    """From 8-bit grey to everything that a user asks for."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.network, self.scorer, self.score = run.network, run.scorer, run.config.score
        self.pixel, self.image = run.thresholds.pixel, run.thresholds.image

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return anomaly, mask, score, abnormal."""
        maps, score = score_images(self.network, self.scorer, image.float() / 255, self.score)
        marked, called = predicted_mask(maps, self.pixel), score >= self.image
        return maps, marked.to(torch.uint8), score, called.to(torch.uint8)


def export_onnx(run_path: Path, out: Path, *, force: bool = False) -> float:
    """Write the run as an ONNX file, check it, and return its largest difference to torch on grey noise.

    Raises RunError where the network cannot be exported or the file does not agree with it; nothing is left then.
    Raises OutputError where `out` is there and no model of ours (not with `force`).
    """
    check_replaceable(out, force=force)
    run = open_run(run_path)
    model = _traced(run_path, run)
    model.producer_name = "artasyn"  # stands at the beginning of the file
    _describe_(model, run)
    data = model.SerializeToString()
    largest = _checked(data, run)
    write_single(out, data, force=force)
    return largest


def _traced(run_path: Path, run: Run) -> onnx.ModelProto:
    """Return the run's graph as torch's exporter sees it."""
    example = torch.zeros((2, 1, run.size, run.size), dtype=torch.uint8)
    try:
        with _quiet():
            program = torch.onnx.export(
                _Graph(run).eval(),
                (example,),
                input_names=["image"],
                output_names=list(OUTPUTS),
                dynamic_shapes=({0: torch.export.Dim("images", max=MOST_IMAGES)},),
                dynamo=True,
                verbose=False,
            )
    except Exception as error:
        raise RunError(run_path, f"has a network that cannot be exported: {error}", _remedy()) from error
    assert program is not None
    return program.model_proto


def parity(model: Path | bytes, run: Run, images: NDArray[np.uint8]) -> float:
    """Return the largest difference between onnxruntime's and torch's maps and scores on `(N, S, S)` images."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    largest = 0.0
    for image in images:
        anomaly, _, score, _ = session.run(OUTPUTS, {"image": image[None, None]})
        expected, expected_score = infer(run, image)
        differences = (largest, np.abs(anomaly[0] - expected).max(), abs(score[0] - expected_score))
        largest = float(np.max(differences))  # nan where any is, unlike max()
    return largest


def _checked(model: bytes, run: Run) -> float:
    noise = np.random.default_rng(0).integers(0, 256, (2, run.size, run.size), np.uint8)
    try:
        onnx.checker.check_model(model)
        largest = parity(model, run, noise)
    except Exception as error:  # onnx and onnxruntime have a dozen classes of errors without a common one
        reason = f"was exported, but onnxruntime cannot run the file: {str(error).partition(chr(10))[0]}"
        raise RunError(run.path, reason, _remedy()) from error
    if not largest <= TOLERANCE:
        raise RunError(run.path, f"as ONNX it differs from torch by {largest:.2g}", _remedy())
    return largest


def _remedy() -> str:
    """Return what to do, with the releases that are at work."""
    releases = ", ".join(f"{name} {version(name)}" for name in ("torch", "onnx", "onnxscript", "onnxruntime"))
    return (
        f"pip install --upgrade torch 'artasyn[onnx]' (here: {releases}); with the newest ones, report this"
    )


def _describe_(model: onnx.ModelProto, run: Run) -> None:
    """Put all that the graph does not say into the file's metadata."""
    metadata = {
        "notice": NOTICE,
        "run": run.path.name,
        "run_digest": run_digest(run),
        "size": str(run.size),
        "resize": run.squaring,
        "preprocessing": "8-bit grey, resized to size x size: mean over areas along axes that shrink, else linear",
        "pixel_threshold": repr(run.thresholds.pixel),
        "image_threshold": repr(run.thresholds.image),
        "threshold_rule": run.thresholds.rule,
        "score": json.dumps(config_to_dict(run.config.score)),
        "pretrained": run.pretrained,
    }
    for key, value in metadata.items():
        model.metadata_props.add(key=key, value=value)
