"""Find the masks of images whose corpus declares none: beside them, in a folder of masks, or where a person says."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from artasyn.data_manifests.corpora.mask_names import (
    MaskName,
    has_image_suffix,
    image_names,
    mask_in_folder,
    mask_in_name,
    place_of,
)
from artasyn.data_manifests.errors import CorpusError

__all__ = ["Pairs", "Parted", "pair", "part"]

PARTNERS = 0.5
"""Share of the files of a folder such as `labels` that must have an image of their name elsewhere."""


@dataclass(frozen=True, slots=True)
class Parted:
    """The files of a corpus: images, masks, and what is called a mask without being any image's."""

    images: list[str] = field(default_factory=list)
    masks: list[MaskName] = field(default_factory=list)
    suspected: list[str] = field(default_factory=list)


def part(paths: Iterable[str], is_image: Callable[[str], bool]) -> Parted:
    """Part the paths below a corpus; `is_image` says whether a file that is no mask is worth trying."""
    parted = Parted()
    rest: list[str] = []
    weak: list[MaskName] = []
    for path in paths:
        mask = mask_in_folder(path)
        if mask is None:
            rest.append(path)
        elif has_image_suffix(path):
            (parted.masks if mask.strong else weak).append(mask)
    named = _named(path for path in rest if has_image_suffix(path) or is_image(path))
    if weak and sum(_has_partner(mask, named) for mask in weak) >= PARTNERS * len(weak):
        parted.masks.extend(weak)
    else:
        rest = sorted([*rest, *(mask.path for mask in weak)])
    drawn = {mask.place + name for mask in parted.masks for name in mask.names[:1]}
    for path in rest:
        has_mask = (
            place_of(path) + image_names(path)[0] in drawn
        )  # then it is an image, whatever it is called
        mask = None if has_mask else mask_in_name(path) if has_image_suffix(path) else None
        if mask and _has_partner(mask, named):
            parted.masks.append(mask)
        elif mask and mask.strong and not has_mask:
            parted.suspected.append(path)
        elif is_image(path):
            parted.images.append(path)
    return parted


def _named(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(name for path in paths for name in image_names(path))


def _has_partner(mask: MaskName, named: Collection[str]) -> bool:
    return any(name in named for name in mask.names)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Masks by image, and those that are no image's."""

    of: Mapping[str, str]
    unmatched: list[str]
    ambiguous: list[CorpusError]
    """One for each mask that could be several images'."""


def pair(masks: Sequence[MaskName], images: Sequence[str], *, may_have: Collection[str]) -> Pairs:
    """Give each mask to its image: by folder and name, else by bare name among the images that `may_have` one."""
    found: dict[str, str] = {}
    left = _by_place(masks, images, found)
    open_images = [image for image in images if image in may_have and image not in found]
    by_name: dict[str, list[MaskName]] = defaultdict(list)
    for mask in left:
        for name in mask.names:
            by_name[name].append(mask)
    namesakes: dict[str, list[str]] = defaultdict(list)
    for image in open_images:
        if name := next((name for name in image_names(image) if name in by_name), ""):
            namesakes[name].append(image)
    ambiguous = []
    for name, meant in namesakes.items():
        if len(meant) == len(by_name[name]) == 1:
            found[meant[0]] = by_name[name][0].path
        else:
            ambiguous.append(_ambiguous(by_name[name], meant))
    used = set(found.values())
    return Pairs(found, [mask.path for mask in masks if mask.path not in used], ambiguous)


def _by_place(masks: Sequence[MaskName], images: Sequence[str], found: dict[str, str]) -> list[MaskName]:
    """Add to `found`, in place, what agrees in folder and name; return the masks that are left."""
    by_key: dict[str, list[MaskName]] = defaultdict(list)
    for mask in masks:
        for name in mask.names:
            by_key[mask.place + name].append(mask)
    wanted: dict[str, list[str]] = defaultdict(list)
    for image in images:
        keys = (place_of(image) + name for name in image_names(image))
        if key := next((key for key in keys if key in by_key), ""):
            wanted[key].append(image)
    for key, meant in wanted.items():
        if len(meant) == len(by_key[key]) == 1:
            found[meant[0]] = by_key[key][0].path
    used = set(found.values())
    return [mask for mask in masks if mask.path not in used]


def _ambiguous(masks: Sequence[MaskName], images: Sequence[str]) -> CorpusError:
    name = image_names(images[0])[0]
    reason = f"could be the mask of {images[0]} or of another image called {name}"
    remedy = f"give each mask its image's path, such as masks/{images[0]}"
    return CorpusError(", ".join(mask.path for mask in masks[:3]), reason, remedy, kind="ambiguous_mask")
