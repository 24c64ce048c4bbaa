"""Give the radiographs of an undeclared corpus the masks that names or a person point to."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from artasyn.data_manifests.corpora.file_tree import Tree, scan
from artasyn.data_manifests.corpora.mask_names import (
    MaskName,
    has_image_suffix,
    image_names,
    mask_in_folder,
    mask_in_name,
    parts_of_name,
    place_of,
)
from artasyn.data_manifests.corpora.mask_pairs import pair
from artasyn.data_manifests.corpora.radiograph import Radiograph
from artasyn.data_manifests.corpora.understood import some
from artasyn.data_manifests.errors import CorpusError

__all__ = ["attach", "masks_in"]


def masks_in(tree: Tree, folder: str, *, lungs: bool) -> list[MaskName]:
    """Return the masks in a folder that a person names, below the corpus or anywhere. Raises CorpusError."""
    place = tree.root / folder
    if not place.is_dir():
        place = Path(folder).absolute()
    inside = [path for path in scan(place).paths if has_image_suffix(path)]
    if not inside:
        raise CorpusError(folder, "holds no image file", "name the folder of the masks", kind="missing_mask")
    return [_by_hand(path, place, lungs=lungs) for path in inside]


def _by_hand(path: str, folder: Path, *, lungs: bool) -> MaskName:
    named = mask_in_name(path)
    names = (*image_names(path), *(named.names if named else ()))
    parts = (*parts_of_name(names[0], sides=lungs), *(named.parts if named else ()))
    whole = (folder / path).as_posix()
    read = mask_in_folder(path)
    return MaskName(
        path=whole,
        place=read.place if read else place_of(path),
        names=names,
        parts=parts,
        lungs=lungs,
        strong=True,
    )


def attach(
    radiographs: dict[str, Radiograph], tree: Tree, masks: Sequence[MaskName], *, lungs: bool, strict: bool
) -> tuple[str, list[str]]:
    """Add masks to the radiographs, in place; return where they lie, in words, and which are no image's.

    Where `strict`, a mask that could be several images' raises CorpusError; else it is no image's.
    """
    chosen = [mask for mask in masks if mask.lungs == lungs]
    by_path = {entry.path.relative_to(tree.root).as_posix(): entry for entry in radiographs.values()}
    open_paths = [path for path, entry in by_path.items() if not (entry.lung_mask if lungs else entry.mask)]
    # A normal image has no disease to outline, but lungs like any other.
    may_have = {path for path in open_paths if lungs or by_path[path].label != "normal"}
    found = pair(chosen, open_paths, may_have=may_have)
    if strict and found.ambiguous:
        raise found.ambiguous[0]
    for path, mask in found.of.items():
        entry = by_path[path]
        more = [tree.root / other for other in found.more.get(path, ())]
        radiographs[entry.image_id] = _with_masks(entry, tree.root / mask, more, lungs=lungs)
    declared = {
        str(mask)
        for entry in radiographs.values()
        for mask in (entry.mask, *entry.more_masks, entry.lung_mask, entry.other_lung_mask)
    }
    left = [path for path in found.unmatched if str(tree.root / path) not in declared]
    places = sorted({Path(mask).parent.as_posix() for mask in found.of.values()})
    where = f"{len(found.of):,} in {some('beside the images' if place == '.' else place for place in places)}"
    where += f", {len(found.more):,} of them united from several files" if found.more else ""
    return where if places else "", left


def _with_masks(entry: Radiograph, mask: Path, more: Sequence[Path], *, lungs: bool) -> Radiograph:
    if not lungs:
        return replace(entry, mask=mask, more_masks=tuple(more))
    if len(more) > 1:
        paths = ", ".join(str(path) for path in (mask, *more))
        reason, remedy = (
            f"are {len(more) + 1} lung masks of {entry.image_id}",
            "keep one, or one of each lung",
        )
        raise CorpusError(paths, reason, remedy, kind="ambiguous_mask")
    return replace(entry, lung_mask=mask, other_lung_mask=next(iter(more), None))
