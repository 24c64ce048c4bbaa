"""Read the folders and tables that nobody declared."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from artasyn.data_manifests.corpora.assemble import Findings, resolve
from artasyn.data_manifests.corpora.box_files import BoxFiles, read_box_files
from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.catalog_likeness import folder_like, table_like
from artasyn.data_manifests.corpora.csv_tables import header
from artasyn.data_manifests.corpora.file_tree import Tree, scan
from artasyn.data_manifests.corpora.files_beside import told_by_other_files
from artasyn.data_manifests.corpora.folder_words import is_lateral
from artasyn.data_manifests.corpora.manifest import Manifest
from artasyn.data_manifests.corpora.mask_search import Parted
from artasyn.data_manifests.corpora.source_rows import Row, rows_of
from artasyn.data_manifests.corpora.splits import salt_of
from artasyn.data_manifests.corpora.tables_beside import table_of
from artasyn.data_manifests.corpora.undeclared import add_masks, label_by_folder, names_file, part_tree
from artasyn.data_manifests.corpora.undeclared_folder import folder_manifest, other_files, read_folder
from artasyn.data_manifests.corpora.undeclared_table import table_manifest
from artasyn.data_manifests.corpora.understood import Doubt, Understood, counted, some
from artasyn.data_manifests.corpora.vocabulary import corpus_name
from artasyn.data_manifests.errors import CorpusError

__all__ = ["Found", "read_bare_folder", "read_bare_table"]

VOLUMES = (
    ".nii",
    ".nii.gz",
    ".nrrd",
    ".mha",
    ".mhd",
    ".npy",
    ".npz",
    ".jp2",
    ".j2k",
    ".pgm",
    ".heic",
    ".avif",
    ".jxl",
)
"""Pictures of kinds that are not read."""
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".zst")


class Found(NamedTuple):
    """What an undeclared corpus came to."""

    manifest: Manifest
    tree: Tree
    findings: Findings
    understood: Understood


def read_bare_folder(root: Path, hand: ByHand) -> Found:
    """Read a folder of images. Raises CorpusError."""
    tree, findings = scan(root), Findings()
    parted = part_tree(tree, hand)
    if not parted.images:
        reason = f"no radiograph found below {tree.root}"
        remedy = "give a folder of PNG, JPEG, TIFF or DICOM files, or name its masks with --mask-dir"
        if like := folder_like(tree.paths):
            reason, remedy = f"{reason}; its files are called as those of {like} are", _catalogued(like)
        elif volumes := [path for path in parted.others if path.lower().endswith(VOLUMES)]:
            reason, remedy = (
                f"{reason}; it holds {some(volumes)}",
                "save each as PNG of 8 or 16 bits, or DICOM",
            )
        elif packed := [path for path in parted.others if path.lower().endswith(ARCHIVES)]:
            reason, remedy = f"{reason}; it holds {some(packed)}", "unpack them"
        raise CorpusError(tree.root, reason, remedy, kind="empty")
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
    understood = add_masks(findings, tree, parted, understood, hand=hand, strict=True)
    understood = _with_likeness(tree, parted.images, understood)
    return Found(manifest, tree, findings, _with_doubtful_masks(tree, findings, understood))


def _with_likeness(tree: Tree, images: list[str], understood: Understood) -> Understood:
    """Say that the images are called as those of a public corpus, whose names tell more than folders do."""
    like = folder_like(images)
    if not like:
        return understood
    reason, remedy = f"its images are called as those of {like} are", _catalogued(like)
    understood = replace(understood, notes=(*understood.notes, f"{reason}: {remedy}"))
    return _doubted(understood, tree, reason, remedy) if understood.plain else understood


def _doubted(understood: Understood, tree: Tree, reason: str, remedy: str) -> Understood:
    """Do not take a plain folder's images for normal."""
    remedy = f"{remedy}; where all images are normal, say --assume-normal"
    doubt = Doubt(kind="no_label", subject=tree.root.resolve().name, reason=reason, remedy=remedy)
    return replace(understood, doubts=(*understood.doubts, doubt), plain=False)


def _catalogued(name: str) -> str:
    return f"give `{name} --root FOLDER` to read them by the rules of that corpus"


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
    unsaid = understood.plain or understood.label.startswith("the folder's own name")
    if told := table_of(tree, lambda cell: names_file(tree, cell)):
        understood = replace(understood, table=str(told.path))
        if unsaid and told.label:
            understood = replace(understood, doubts=(told.doubt(tree.root),), plain=False)
    if understood.plain and (doubt := told_by_other_files(tree, parted.others, images)):
        understood = replace(understood, doubts=(doubt,), plain=False)
    if others := other_files(parted.others):
        ignored = ", ".join(part for part in (understood.ignored, others) if part)
        understood = replace(understood, ignored=ignored)
    return rows, understood


def read_bare_table(path: Path, root: Path, hand: ByHand) -> Found:
    """Read a table of images that nobody declared. Raises CorpusError."""
    tree, findings = scan(root), Findings()
    manifest, understood = table_manifest(path, hand, lambda cell: names_file(tree, cell))
    source = manifest.sources[0]
    resolve(
        source, tree, rows_of(source, tree), salt=salt_of(manifest.name, hand.salt_file), findings=findings
    )
    if not findings.radiographs and not findings.skipped:
        raise CorpusError(path, "holds a header and no rows", "add a row for each image", kind="empty")
    if source.label:
        understood = label_by_folder(findings, tree, understood, hand)
    understood = add_masks(findings, tree, part_tree(tree, hand), understood, hand=hand, strict=False)
    understood = replace(understood, notes=(*understood.notes, *_like(path), *_notes(findings)))
    return Found(manifest, tree, findings, understood)


def _like(path: Path) -> list[str]:
    like = table_like(path.name, header(path))
    return [f"it is called as a table of {like} is: {_catalogued(like)}"] if like else []


def _notes(findings: Findings) -> list[str]:
    notes = []
    if findings.out_of_scope:
        others = (f"{rule} ({number:,})" for rule, number in sorted(findings.out_of_scope.items()))
        notes.append(f"rows of other views, images or parts of the body left out: {some(others)}")
    if findings.by_name:
        named = dict.fromkeys(findings.by_name)
        notes.append(f"{counted(len(named), 'file')} found by name, their paths being others: {some(named)}")
    return notes
