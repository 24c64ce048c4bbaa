"""Read a folder of images that nobody declared."""

from dataclasses import replace
from pathlib import Path

from artasyn.data_manifests.corpora.assemble import Findings, resolve
from artasyn.data_manifests.corpora.box_files import BoxFiles, read_box_files
from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.catalog_likeness import by_its_rules, folder_like
from artasyn.data_manifests.corpora.file_tree import Tree, scan
from artasyn.data_manifests.corpora.files_beside import told_by_other_files
from artasyn.data_manifests.corpora.folder_words import is_lateral
from artasyn.data_manifests.corpora.mask_search import Parted
from artasyn.data_manifests.corpora.other_kinds import ARCHIVES, VOLUMES, remedy_for
from artasyn.data_manifests.corpora.source_rows import Row
from artasyn.data_manifests.corpora.splits import salt_of
from artasyn.data_manifests.corpora.surroundings import files_around
from artasyn.data_manifests.corpora.tables_beside import table_of
from artasyn.data_manifests.corpora.undeclared import Found, add_masks, names_file, part_tree
from artasyn.data_manifests.corpora.undeclared_folder import folder_manifest, other_files, read_folder
from artasyn.data_manifests.corpora.understood import Doubt, Understood, counted, some
from artasyn.data_manifests.corpora.vocabulary import corpus_name
from artasyn.data_manifests.errors import CorpusError

__all__ = ["read_bare_folder"]


def read_bare_folder(root: Path, hand: ByHand) -> Found:
    """Read a folder of images. Raises CorpusError."""
    tree, findings = scan(root), Findings()
    parted = part_tree(tree, hand)
    if not parted.images:
        raise _empty(tree, parted)
    name = corpus_name(root.resolve().name, otherwise="folder")
    manifest = folder_manifest(name)
    drawn = read_box_files(tree, [*parted.others, *parted.unread_masks], parted.images)
    parted = replace(
        parted,
        others=[path for path in parted.others if path not in drawn.files],
        unread_masks=[path for path in parted.unread_masks if path not in drawn.files],
    )
    rows, understood = _rows(tree, parted, findings, hand)
    resolve(manifest.sources[0], tree, rows, salt=salt_of(name, hand.salt_file), findings=findings)
    understood = _with_boxes(drawn, findings, understood)
    try:
        understood = add_masks(findings, tree, parted, understood, hand=hand, strict=True)
    except CorpusError as error:
        if not (like := folder_like(parted.images, above=tree.root.resolve().as_posix())):
            raise
        remedy = f"{error.remedy}; or {by_its_rules(like)}"
        raise CorpusError(error.subject, error.reason, remedy, kind=error.kind) from error
    understood = _with_likeness(tree, parted.images, understood)
    return Found(manifest, tree, findings, _with_doubtful_masks(tree, findings, understood))


def _empty(tree: Tree, parted: Parted) -> CorpusError:
    """Return why a folder holds no radiograph, and what it holds."""
    reason = f"no radiograph found below {tree.root}"
    remedy = "give a folder of PNG, JPEG, TIFF or DICOM files, or name its masks with --mask-dir"
    masks = [mask.path for mask in parted.masks]
    volumes = [path for path in parted.others if path.lower().endswith(VOLUMES)]
    packed = [path for path in parted.others if path.lower().endswith(ARCHIVES)]
    if like := folder_like(parted.others, above=tree.root.resolve().as_posix(), share=0):
        reason, remedy = f"{reason}; its files are called as those of {like} are", by_its_rules(like)
    elif volumes:
        reason, remedy = f"{reason}; it holds {some(volumes)}", remedy_for(Path(volumes[0]))
    elif packed:
        reason, remedy = f"{reason}; it holds {some(packed)}", "unpack them"
    elif masks:
        reason = f"{reason}; its image files lie in folders called as those of masks are: {some(masks)}"
        remedy = "give the folder of the images itself, or rename it"
    return CorpusError(tree.root, reason, remedy, kind="empty")


def _with_likeness(tree: Tree, images: list[str], understood: Understood) -> Understood:
    """Say that the images are called as those of a public corpus, whose names tell more than folders do."""
    like = folder_like(images, above=tree.root.resolve().as_posix())
    if not like:
        return understood
    reason, remedy = f"its images are called as those of {like} are", by_its_rules(like)
    understood = replace(understood, notes=(*understood.notes, f"{reason}: {remedy}"))
    return understood if understood.told_by else _doubted(understood, tree, reason, remedy)


def _doubted(understood: Understood, tree: Tree, reason: str, remedy: str) -> Understood:
    """Do not take a plain folder's images for normal."""
    remedy = f"{remedy}; where all images are normal, say --assume-normal"
    doubt = Doubt(kind="no_label", subject=tree.root.resolve().name, reason=reason, remedy=remedy)
    return replace(understood, doubts=(doubt, *understood.doubts), plain=False)


def _with_doubtful_masks(tree: Tree, findings: Findings, understood: Understood) -> Understood:
    """Do not take images for normal that have masks of disease, perhaps."""
    masked = [entry for entry in findings.radiographs.values() if entry.label == "unlabelled" and entry.mask]
    if not masked or not understood.plain:
        return understood
    reason = f"{counted(len(masked), 'image')} that no folder labels {'has' if len(masked) == 1 else 'have'} a mask"
    remedy = (
        "where masks outline lungs, name their folder with --lung-mask-dir; where they mark disease, put the normal "
        "images into a folder `normal`"
    )
    return _doubted(understood, tree, reason, remedy)


def _with_boxes(drawn: BoxFiles, findings: Findings, understood: Understood) -> Understood:
    """Give the radiographs the boxes of files, in place, and say so; an image with a box is not taken for normal."""
    doubt = drawn.add_to(findings)
    unsaid = understood.plain and any(drawn.boxes.values())
    doubts = (*understood.doubts, *([doubt] if doubt else ()))
    return replace(understood, boxes=drawn.sentence, doubts=doubts, plain=understood.plain and not unsaid)


def _rows(tree: Tree, parted: Parted, findings: Findings, hand: ByHand) -> tuple[list[Row], Understood]:
    """Return a row for each image that may be a frontal radiograph, and what was understood; skip the others."""
    for path in parted.images:
        if is_lateral(path):
            findings.skip(path, "lateral_view", "its name says lateral; rename it if it is a frontal view")
    images = [path for path in parted.images if path not in findings.skipped]
    rows, understood = read_folder(tree, images, hand)
    understood = _with_others(tree, parted, images, understood)
    if others := other_files(parted.others):
        ignored = ", ".join(part for part in (understood.ignored, others) if part)
        understood = replace(understood, ignored=ignored)
    return rows, understood


def _with_others(tree: Tree, parted: Parted, images: list[str], understood: Understood) -> Understood:
    """Say what tables and other files in a folder and around it tell of its images; they count before its own name."""
    around = files_around(tree.root)
    told = table_of(tree, around, lambda cell: names_file(tree, cell))
    doubt = None
    if told:
        understood = replace(understood, table=str(told.path))
        counts = not understood.told_by or (told.sure and understood.told_by == "own name")
        doubt = told.doubt(tree.root) if told.reason and counts else None
    if doubt is None and not understood.told_by:
        doubt = told_by_other_files(tree, parted.others, images, around)
    return replace(understood, doubts=(doubt, *understood.doubts), plain=False) if doubt else understood
