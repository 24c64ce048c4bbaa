"""Say in words what ended a training, and what to change."""

import contextlib
from collections.abc import Iterator, Sequence

import torch

from artasyn.data_manifests.errors import RunError
from artasyn.data_manifests.files import write_json
from artasyn.train.data.dataset import Item, StepBatches
from artasyn.train.fitting.meters import NonFiniteLossError
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runtime.distributed import Processes

__all__ = ["explain_failures"]

MEMORY = ("DefaultCPUAllocator: ", "CUDA error: out of memory", "STATUS_ALLOC_FAILED")
"""In what torch says where the processor's memory is spent, or a GPU's beside torch's own store of it."""


@contextlib.contextmanager
def explain_failures(folder: RunFolder, batches: StepBatches, processes: Processes) -> Iterator[None]:
    """Raise RunError where memory ends or a loss is not finite; of the latter the images are written down."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _is_of_memory(error):
            raise
        remedy = "raise optim.accumulate, or lower data.studies or raise network.shrink in the recipe"
        raise RunError(folder.path, f"does not fit into the memory of {processes.device}", remedy) from error
    except NonFiniteLossError as error:
        path = folder.path / f"not_finite-{error.step:08d}-{processes.rank}.json"
        losses = {name: str(value) for name, value in error.losses.items()}
        images = _describe(error.items, batches)
        write_json(path, {"step": error.step, "losses": losses, "images": images})
        raise RunError(
            folder.path,
            f"loss or gradient is not finite at step {error.step}, which changed no weight",
            f"see {path.name} for the images; a lower optim.learning_rate or precision float32 often helps",
        ) from error


def _is_of_memory(error: MemoryError | RuntimeError) -> bool:
    """Tell whether memory ended; torch has a class of its own for that, but does not always raise it."""
    of_memory = any(words in str(error) for words in MEMORY)
    return of_memory or isinstance(error, MemoryError | torch.OutOfMemoryError)


def _describe(items: Sequence[Item], batches: StepBatches) -> list[dict[str, object]]:
    names, tables = batches.names, [version.table for version in batches.versions]
    return [
        {
            "store": names[item.store],
            "row": item.row,
            "image_id": str(tables[item.store]["image_id"][item.row]),
            "altered": item.altered,
        }
        for item in items
    ]
