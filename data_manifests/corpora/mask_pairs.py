"""Give masks to images by what both are called: one mask an image, or several that are parts of one annotation."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from artasyn.data_manifests.corpora.label_words import meaning
from artasyn.data_manifests.corpora.mask_names import MaskName, image_names, place_of
from artasyn.data_manifests.errors import CorpusError

__all__ = ["Pairs", "pair"]

SIDES = ("left", "right")


@dataclass(frozen=True, slots=True)
class Pairs:
    """Masks by image, and those that are no image's."""

    of: Mapping[str, str]
    unmatched: list[str]
    ambiguous: list[CorpusError]
    """One for each mask that could be several images'."""
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Further masks of images that have several."""


def pair(masks: Sequence[MaskName], images: Sequence[str], *, may_have: Collection[str]) -> Pairs:
    """Give each mask to its image: by folder and name, else by bare name among the images that `may_have` one.

    Masks whose names end in numbers, masks of one image in folders of several findings, and masks in a folder called
    after their image are parts of one annotation.
    """
    found: dict[str, list[str]] = {}
    left = _by_place(masks, images, found)
    open_images = [image for image in images if image in may_have and image not in found]
    left, ambiguous = _by_name(left, open_images, found)
    _by_part(left, images, found, may_have=may_have)
    used = {path for paths in found.values() for path in paths}
    return Pairs(
        {image: paths[0] for image, paths in found.items()},
        [mask.path for mask in masks if mask.path not in used],
        ambiguous,
        {image: tuple(paths[1:]) for image, paths in found.items() if len(paths) > 1},
    )


def _by_place(
    masks: Sequence[MaskName], images: Sequence[str], found: dict[str, list[str]]
) -> list[MaskName]:
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
            found[meant[0]] = [by_key[key][0].path]
    return _left(masks, found)


def _by_name(
    masks: Sequence[MaskName], images: Sequence[str], found: dict[str, list[str]]
) -> tuple[list[MaskName], list[CorpusError]]:
    """Add to `found`, in place, what agrees in its bare name; return the masks left, and what could be several's."""
    by_name: dict[str, list[MaskName]] = defaultdict(list)
    for mask in masks:
        for name in mask.names:
            by_name[name].append(mask)
    namesakes: dict[str, list[str]] = defaultdict(list)
    for image in images:
        if name := next((name for name in image_names(image) if name in by_name), ""):
            namesakes[name].append(image)
    ambiguous = []
    for name, meant in namesakes.items():
        if len(meant) == 1 and (len(by_name[name]) == 1 or _are_findings(by_name[name])):
            found[meant[0]] = [mask.path for mask in by_name[name]]
        elif not _by_folders(by_name[name], meant, found):
            ambiguous.append(_ambiguous(by_name[name], meant))
    return _left(masks, found), ambiguous


def _by_folders(masks: Sequence[MaskName], images: Sequence[str], found: dict[str, list[str]]) -> bool:
    """Give masks of one name, in place, to the images whose last folders are theirs; False where one stays open.

    MVTec AD has `ground_truth/opacity/000_mask.png` for `test/opacity/000.png`.
    """
    whose = {
        mask.path: [
            image for image in images if mask.place and f"/{place_of(image)}".endswith(f"/{mask.place}")
        ]
        for mask in masks
    }
    meant = [image for fitting in whose.values() for image in fitting]
    if any(len(fitting) != 1 for fitting in whose.values()) or len(set(meant)) < len(meant):
        return False
    found.update({fitting[0]: [path] for path, fitting in whose.items()})
    return True


def _are_findings(masks: Sequence[MaskName]) -> bool:
    """Say whether masks of one name lie in folders of different findings, or of both lungs."""
    places = [mask.place.strip("/") for mask in masks]
    lungs = all(mask.lungs for mask in masks) and set(places) == set(SIDES)
    return len(set(places)) == len(places) and (
        lungs or all(meaning(place) == "abnormal" for place in places)
    )


def _by_part(
    masks: Sequence[MaskName],
    images: Sequence[str],
    found: dict[str, list[str]],
    *,
    may_have: Collection[str],
) -> None:
    """Add to `found`, in place, the masks that are one of several of their image, in order of their names."""
    by_place: dict[str, list[str]] = defaultdict(list)
    by_name: dict[str, list[str]] = defaultdict(list)
    for image in images:
        for name in image_names(image):
            by_place[place_of(image) + name].append(image)
            if image in may_have:
                by_name[name].append(image)
    parts: dict[str, list[MaskName]] = defaultdict(list)
    for mask in masks:
        whose = next((meant for meant in _whose(mask, by_place, by_name) if meant), [])
        if len(whose) == 1:
            parts[whose[0]].append(mask)
    for image, several in parts.items():
        found[image] = [*found.get(image, []), *(mask.path for mask in several)]


def _whose(
    mask: MaskName, by_place: Mapping[str, list[str]], by_name: Mapping[str, list[str]]
) -> Iterable[list[str]]:
    """Yield the images that a mask may be a part of, the likeliest first; sides alone tell lungs, not lesions."""
    names = [name for name, part in mask.parts if mask.lungs or part not in SIDES]
    yield from (by_place.get(mask.place + name, []) for name in names)
    yield from (by_name.get(name, []) for name in names)
    *above, folder = ["", *mask.place.strip("/").split("/")]
    yield by_place.get("/".join([*above, folder, folder]).strip("/"), [])
    yield by_place.get("/".join([*above, folder]).strip("/"), [])
    yield by_name.get(folder, [])


def _left(masks: Sequence[MaskName], found: Mapping[str, list[str]]) -> list[MaskName]:
    used = {path for paths in found.values() for path in paths}
    return [mask for mask in masks if mask.path not in used]


def _ambiguous(masks: Sequence[MaskName], images: Sequence[str]) -> CorpusError:
    paths = ", ".join(mask.path for mask in masks[:3])
    if len(images) == 1:
        reason = f"could each be the mask of {images[0]}"
        remedy = (
            "keep one; or, where they are parts of one annotation, number them in one folder: x_1.png, x_2.png; "
            "--mask-dir and --lung-mask-dir name the folder that counts"
        )
    else:
        reason = f"could be the mask of {images[0]} or of another image called {image_names(images[0])[0]}"
        remedy = f"give each mask its image's path, such as masks/{images[0]}"
    return CorpusError(paths, reason, remedy, kind="ambiguous_mask")
