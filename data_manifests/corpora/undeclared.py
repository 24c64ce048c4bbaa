"""What an undeclared folder and an undeclared table have in common: their files parted, their masks found."""

import posixpath
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from artasyn.data_manifests.corpora.assemble import Findings
from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.file_tree import Tree
from artasyn.data_manifests.corpora.folder_words import classes_of, label_sentence
from artasyn.data_manifests.corpora.found_masks import attach, masks_in
from artasyn.data_manifests.corpora.manifest import Manifest
from artasyn.data_manifests.corpora.mask_names import MaskName, has_image_suffix, image_names
from artasyn.data_manifests.corpora.mask_search import Parted, part
from artasyn.data_manifests.corpora.understood import Understood, counted, some
from artasyn.data_manifests.images.file_types import looks_like_image

__all__ = ["Found", "add_masks", "label_by_folder", "names_file", "part_tree"]


class Found(NamedTuple):
    """What an undeclared corpus came to."""

    manifest: Manifest
    tree: Tree
    findings: Findings
    understood: Understood


def part_tree(tree: Tree, hand: ByHand) -> Parted:
    """Part a corpus's files into images and masks, the folders that a person names first."""
    paths = [path for path in tree.paths if not path.startswith(tree.doubled)]
    named = [folder for folder in (hand.mask_dir, hand.lung_mask_dir) if folder]
    outside = [path for path in paths if not any(_is_below(tree, path, folder) for folder in named)]
    parted = part(outside, lambda path: looks_like_image(tree.root / path))
    own = [mask for mask in parted.masks if not (hand.lung_mask_dir if mask.lungs else hand.mask_dir)]
    if hand.mask_dir:
        own += masks_in(tree, hand.mask_dir, lungs=False)
    if hand.lung_mask_dir:
        own += masks_in(tree, hand.lung_mask_dir, lungs=True)
    return replace(parted, masks=own)


def _is_below(tree: Tree, path: str, folder: str) -> bool:
    place = (tree.root / folder) if (tree.root / folder).is_dir() else Path(folder)
    return (tree.root / path).resolve().is_relative_to(place.resolve())


def names_file(tree: Tree, cell: str) -> bool:
    """Say whether a cell names a file of the corpus, exactly or nearly."""
    wanted = cell.strip().replace("\\", "/").removeprefix(tree.prefix)
    return bool(wanted) and (
        posixpath.normpath(wanted) in tree.known or bool(tree.alike(posixpath.normpath(wanted)))
    )


def label_by_folder(findings: Findings, tree: Tree, understood: Understood, hand: ByHand) -> Understood:
    """Label the radiographs of a table without labels by their folders, in place."""
    by_path = {entry.path.relative_to(tree.root).as_posix(): entry for entry in findings.radiographs.values()}
    classes = classes_of(sorted(by_path), hand)
    if not any(said.folder for said in classes.values()):
        return understood
    for path, said in classes.items():
        entry = by_path[path]
        findings.radiographs[entry.image_id] = replace(entry, label=said.label)
    return replace(understood, label=f"no column; {label_sentence(classes.values())}", doubts=())


def add_masks(
    findings: Findings, tree: Tree, parted: Parted, understood: Understood, *, hand: ByHand, strict: bool
) -> Understood:
    """Give the radiographs their masks, in place, and say which; what is called a mask and is none is left out."""
    found, files = findings.radiographs, parted.masks
    masks, left = attach(found, tree, files, lungs=False, strict=strict or bool(hand.mask_dir))
    lungs, more = attach(found, tree, files, lungs=True, strict=strict or bool(hand.lung_mask_dir))
    of_normal = set(left) & _named_as_normal(files, findings)
    unmatched = [path for path in (*left, *more) if path not in of_normal]
    said = [f"{counted(len(unmatched), 'mask')} of no image: {some(unmatched)}"] if unmatched else []
    if of_normal:
        said += [
            f"{counted(len(of_normal), 'mask')} of images labelled normal, not used: {some(sorted(of_normal))}"
        ]
    if parted.unread_masks:
        unread = parted.unread_masks
        said += [
            f"{counted(len(unread), 'file')} in folders of masks not read, being no PNG, JPEG or TIFF: {some(unread)}"
        ]
    if strict:
        for path in parted.suspected:
            findings.skip(path, "suspected_mask", "it is called a mask, and no image is called as it says")
        for path in parted.drawn:
            findings.skip(
                path,
                "drawn_over",
                "it is called an overlay, a heat map or a copy of an image or mask that is there",
            )
    else:
        used = {entry.path for entry in findings.radiographs.values()}
        where = "in no row that is used" if findings.out_of_scope else "not in the table"
        used |= {
            tree.root / image_id for image_id in findings.skipped
        }  # in the table, and listed as unusable
        others = [path for path in parted.images if tree.root / path not in used and has_image_suffix(path)]
        said += [f"{counted(len(others), 'image file')} {where}: {some(others)}"] if others else []
    return replace(
        understood,
        mask=", ".join(part for part in (understood.mask, masks) if part),
        lung_mask=", ".join(part for part in (understood.lung_mask, lungs) if part),
        unmatched="; ".join(said),
    )


def _named_as_normal(masks: Sequence[MaskName], findings: Findings) -> set[str]:
    """Return the masks that are called after images labelled normal: these have no disease to outline."""
    normal = {
        name
        for entry in findings.radiographs.values()
        if entry.label == "normal"
        for name in image_names(entry.image_id)
    }
    return {mask.path for mask in masks if not mask.lungs and normal & mask.every_name}
