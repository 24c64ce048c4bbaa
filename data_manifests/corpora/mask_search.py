"""Part the files of a corpus that declares no masks: images, masks beside them or in folders, what may be either."""

import posixpath
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from artasyn.data_manifests.corpora.drawn_names import drawn_from, in_drawn_folder, is_twin
from artasyn.data_manifests.corpora.mask_names import (
    MaskName,
    folded,
    has_image_suffix,
    image_names,
    mask_in_folder,
    mask_in_name,
    place_of,
)

__all__ = ["Parted", "in_mask_folder", "masks_by_name", "part"]

PARTNERS = 0.5
"""Share of the files of a folder such as `labels` that must have an image of their name elsewhere."""


@dataclass(frozen=True, slots=True)
class Parted:
    """The files of a corpus: images, masks, and what is called a mask without being any image's."""

    images: list[str] = field(default_factory=list)
    masks: list[MaskName] = field(default_factory=list)
    suspected: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    """Pictures that are called overlays, heat maps or copies of an image or a mask that is there."""
    others: list[str] = field(default_factory=list)
    """Files of other kinds."""
    unread_masks: list[str] = field(default_factory=list)
    """Files of other kinds in folders of masks."""


def in_mask_folder(path: str) -> bool:
    """Say whether a folder of a relative path can hold nothing but masks by its name."""
    mask = mask_in_folder(path)
    return bool(mask and mask.strong)


def masks_by_name(paths: Collection[str]) -> set[str]:
    """Return the images that are masks by their names: those in a folder of masks, and `x_mask.png` beside `x.png`."""
    beside = {posixpath.join(posixpath.dirname(path), name) for path in paths for name in image_names(path)}
    return {path for path in paths if in_mask_folder(path) or _lies_beside(path, beside)}


def _lies_beside(path: str, images: Collection[str]) -> bool:
    mask = mask_in_name(path) if has_image_suffix(path) else None
    if not (mask and mask.strong):
        return False
    return any(posixpath.join(posixpath.dirname(path), name) in images for name in mask.every_name)


def part(paths: Collection[str], is_image: Callable[[str], bool]) -> Parted:
    """Part the paths below a corpus; `is_image` says whether a file that is no mask is worth trying."""
    parted = Parted()
    rest: list[str] = []
    weak: list[MaskName] = []
    known = {folded(path) for path in paths}
    for path in paths:
        mask = None if in_drawn_folder(path) else mask_in_folder(path)
        if mask is None:
            rest.append(path)
        elif is_twin(path, known):
            parted.drawn.append(path)
        elif has_image_suffix(path):
            (parted.masks if mask.strong else weak).append(mask)
        else:
            (parted.unread_masks if mask.strong else parted.others).append(path)
    named = _named(path for path in rest if has_image_suffix(path) or is_image(path))
    if weak and sum(_has_partner(mask, named) for mask in weak) >= PARTNERS * len(weak):
        parted.masks.extend(weak)
    else:
        rest = sorted([*rest, *(mask.path for mask in weak)])
    drawn = {mask.place + name for mask in parted.masks for name in mask.names[:1]}
    originals = _named(path for path in rest if not in_drawn_folder(path))
    for path in rest:
        has_mask = (
            place_of(path) + image_names(path)[0] in drawn
        )  # then it is an image, whatever it is called
        mask = None if has_mask else mask_in_name(path) if has_image_suffix(path) else None
        if mask and _has_partner(mask, named):
            parted.masks.append(mask)
        elif mask and mask.strong and not has_mask:
            parted.suspected.append(path)
        elif not has_mask and drawn_from(path) in originals:
            parted.drawn.append(path)
        elif is_image(path):
            parted.images.append(path)
        else:
            parted.others.append(path)
    return parted


def _named(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(name for path in paths for name in image_names(path))


def _has_partner(mask: MaskName, named: Collection[str]) -> bool:
    return any(name in named for name in mask.every_name)
