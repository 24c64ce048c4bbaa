"""Digests of a finished run's files: written last, compared whenever the run is opened, gone while it is trained on."""

import hashlib
from pathlib import Path

from artasyn.data_manifests.errors import RunError
from artasyn.data_manifests.files import write_json
from artasyn.train.runs.reading import CHECKPOINT_BYTES, check_regular, read_json
from artasyn.train.runs.run_folder import RunFolder

__all__ = ["break_seal", "check_seal", "seal_run"]


def seal_run(folder: RunFolder) -> None:
    """Write the sizes and digests of all files that say what the run finds: it is finished, and can be opened."""
    present = [path for path in _files(folder) if path.exists()]
    write_json(folder.digests, {_name(folder, path): _describe(path) for path in present})


def break_seal(folder: RunFolder) -> None:
    """Mark the run as unfinished: it is about to be changed."""
    folder.digests.unlink(missing_ok=True)


def check_seal(folder: RunFolder) -> None:
    """Raise RunError where the run is not finished, or a file is not the one that was sealed."""
    if not folder.digests.exists():
        remedy = "`fit --resume` with the options of the first start finishes it"
        raise RunError(folder.path, f"has no {folder.digests.name}: it is not finished", remedy)
    sealed = read_json(folder.digests)
    if not isinstance(sealed, dict):
        raise RunError(folder.digests, "is not a table of digests")
    for path in _files(folder):
        wanted = sealed.get(_name(folder, path))
        if (wanted is not None or path.exists()) and _describe(path) != wanted:
            remedy = "take the run from a copy, or `fit --resume` it with the options of its first start"
            raise RunError(path, "differs from its digest: it was damaged or changed", remedy)


def _files(folder: RunFolder) -> list[Path]:
    tables = [folder.config, folder.store, folder.thresholds, folder.training_images, folder.adaptation]
    return [*tables, folder.image_score, folder.checkpoint("best")]


def _name(folder: RunFolder, path: Path) -> str:
    return path.relative_to(folder.path).as_posix()


def _describe(path: Path) -> dict[str, int | str]:
    check_regular(path, limit=CHECKPOINT_BYTES)
    with path.open("rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
