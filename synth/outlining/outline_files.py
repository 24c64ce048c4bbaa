"""Outline the lungs of image files: masks, overlay pictures, one table."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.colours import ORANGE, SKY_BLUE, as_rgb
from artasyn.data_manifests.corpora.folder_words import is_lateral
from artasyn.data_manifests.corpora.mask_search import masks_by_name
from artasyn.data_manifests.errors import CorpusError, ImageError
from artasyn.data_manifests.files import csv_text
from artasyn.data_manifests.images.decode import read_image, read_mask
from artasyn.data_manifests.images.file_types import IMAGES, bare_name, looks_like_image, readable_name
from artasyn.data_manifests.outlines import with_outline
from artasyn.data_manifests.outputs import OutputFolder
from artasyn.data_manifests.picture_files import encode_picture
from artasyn.synth.lungs import LEFT, RIGHT, LungConfig, look_for_lungs
from artasyn.synth.outlining.agreement import Overlap, overlap

__all__ = ["ImageFile", "Outcome", "find_sources", "outline_files"]

TABLE = "lungs.csv"
COLUMNS = ("name", "quality", "reason", "dice", "iou", "hd95")
_COLOURS = {RIGHT: SKY_BLUE, LEFT: ORANGE}


@dataclass(frozen=True, slots=True)
class ImageFile:
    """An image file and the name, without suffix, that its results get."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one image."""

    name: str
    quality: float = 0.0
    reason: str = ""
    """Empty when accepted, else why the lungs were refused or the image could not be read."""
    message: str = ""
    """What is wrong with an image that could not be read, and what to do about it."""
    overlap: Overlap | None = None
    """Agreement with the given mask, or None where there is none."""


def find_sources(paths: Iterable[Path], *, out: Path) -> tuple[list[ImageFile], int]:
    """Return the images among files and folders, in a fixed order, and how many others in folders are passed over.

    Folders are searched to the bottom, but for what was written to `out` and for masks and lateral views by their
    names. Images that differ in their suffix alone keep it. Raises CorpusError where nothing is found or two images
    would get one name.
    """
    sources: dict[str, ImageFile] = {}
    named, passed = _named(paths, _written(out))
    counts = Counter(bare_name(name) for _, name in named)
    for found, whole in named:
        name = whole if counts[bare_name(whole)] > 1 else bare_name(whole)
        if name in sources:
            raise CorpusError(
                found, f"has the same name as {sources[name].path}", "outline them one at a time"
            )
        sources[name] = ImageFile(found, name)
    if not sources:
        raise CorpusError("images", "none found", f"give files or folders of {', '.join(IMAGES)}")
    return list(sources.values()), passed


def _named(paths: Iterable[Path], written: AbstractSet[Path]) -> tuple[list[tuple[Path, str]], int]:
    """Return the images and their names, those in folders relative to them, and the number of others in folders."""
    named: list[tuple[Path, str]] = []
    passed = 0
    for path in paths:
        inside = list(_inside(path, written)) if path.is_dir() else [(path, path.name)]
        names = [name for _, name in inside] if path.is_dir() else []
        others = masks_by_name(names) | set(filter(is_lateral, names))
        named += [found for found in inside if found[1] not in others]
        passed += len(others)
    return named, passed


def _written(out: Path) -> set[Path]:
    """Return the folders that pictures are written to."""
    return {(out / name).resolve() for name in ("masks", "overlays")}


def _inside(folder: Path, written: AbstractSet[Path]) -> Iterator[tuple[Path, str]]:
    """Yield the images of a folder and their paths in it; what an earlier call wrote is none of them."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and written.isdisjoint(path.resolve().parents) and looks_like_image(path):
            yield path, path.relative_to(folder).as_posix()


def outline_files(
    sources: Sequence[ImageFile],
    out: Path,
    *,
    config: LungConfig,
    masks: Path | None = None,
    force: bool = False,
) -> Iterator[Outcome]:
    """Write masks/, overlays/ and lungs.csv under `out`, yielding the outcomes one by one.

    Masks hold 0, 128 (the patient's right lung) and 255 (left); those of refused lungs are written too. `masks` is a
    folder of drawn masks with the same names, to compare with. Raises OutputError before any work where a file that is
    not ours is in the way (not with `force`).
    """
    outputs = OutputFolder(out, force=force)
    for name in (TABLE, *(file for source in sources for file in _files(source))):
        outputs.check(name)
    outputs.begin(TABLE, csv_text([COLUMNS]))
    for source in sources:
        outcome = _outline(source, outputs, config, masks)
        measured = outcome.overlap
        figures = [f"{v:.4f}" for v in (measured.dice, measured.iou, measured.hd95)] if measured else [""] * 3
        row = [readable_name(outcome.name), f"{outcome.quality:.4f}", outcome.reason, *figures]
        outputs.grow(TABLE, csv_text([row]))
        yield outcome
    outputs.end(TABLE)


def _files(source: ImageFile) -> tuple[str, str]:
    """Return the names of an image's mask and overlay."""
    return f"masks/{source.name}.png", f"overlays/{source.name}.png"


def _outline(source: ImageFile, outputs: OutputFolder, config: LungConfig, masks: Path | None) -> Outcome:
    try:
        image = read_image(source.path)
        drawn = _drawn(masks, source.name, image.shape) if masks else None
        field = look_for_lungs(image, config)
    except ImageError as error:
        return Outcome(name=source.name, reason=error.kind or "unreadable", message=str(error))
    mask, picture = np.array([0, 128, 255], np.uint8)[field.labels], _overlay(image, field.labels)
    for name, pixels in zip(_files(source), (mask, picture), strict=True):
        outputs.write(name, encode_picture(pixels))
    agreement = None if drawn is None else overlap(field.labels > 0, drawn)
    return Outcome(name=source.name, quality=field.quality, reason=field.reason, overlap=agreement)


def _overlay(image: NDArray[np.uint8], labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    picture = as_rgb(image)
    thickness = max(1, min(image.shape) // 256)
    for side, colour in _COLOURS.items():
        picture = with_outline(picture, labels == side, colour, width=thickness)
    return picture


def _drawn(folder: Path, name: str, shape: tuple[int, ...]) -> NDArray[np.bool_] | None:
    """Return the mask drawn for an image, or None; ImageError where it has another size."""
    paths = [path for suffix in IMAGES if (path := folder / f"{name}{suffix}").is_file()]
    if not paths:
        return None
    mask = read_mask(paths[0])
    if mask.shape != shape:
        reason = f"has {mask.shape[1]} x {mask.shape[0]} pixels, its image {shape[1]} x {shape[0]}"
        raise ImageError(paths[0], reason, "masks must have their image's size", kind="bad_mask")
    return mask
