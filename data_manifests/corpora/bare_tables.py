"""Read a table of images that nobody declared."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from artasyn.data_manifests.corpora.assemble import Findings, resolve
from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.catalog_likeness import by_its_rules, table_like
from artasyn.data_manifests.corpora.csv_tables import header
from artasyn.data_manifests.corpora.file_tree import scan
from artasyn.data_manifests.corpora.other_tables import denied_by_others
from artasyn.data_manifests.corpora.source_rows import rows_of
from artasyn.data_manifests.corpora.splits import salt_of
from artasyn.data_manifests.corpora.undeclared import Found, add_masks, label_by_folder, names_file, part_tree
from artasyn.data_manifests.corpora.undeclared_table import table_manifest
from artasyn.data_manifests.corpora.understood import Understood, counted, some
from artasyn.data_manifests.errors import CorpusError

__all__ = ["read_bare_table"]


def read_bare_table(path: Path, root: Path, hand: ByHand) -> Found:
    """Read a table of images. Raises CorpusError."""
    tree, findings, like = scan(root), Findings(), _like(path)
    exists = partial(names_file, tree)
    try:
        manifest, understood = table_manifest(path, hand, exists)
    except CorpusError as error:
        remedy = "; ".join(filter(None, (error.remedy, like)))
        raise CorpusError(error.subject, error.reason, remedy, kind=error.kind) from error
    source = manifest.sources[0]
    resolve(
        source, tree, rows_of(source, tree), salt=salt_of(manifest.name, hand.salt_file), findings=findings
    )
    if not findings.radiographs and not findings.skipped:
        raise CorpusError(path, "holds a header and no rows", "add a row for each image", kind="empty")
    if source.label:
        understood = label_by_folder(findings, tree, understood, hand)
    understood = add_masks(findings, tree, part_tree(tree, hand), understood, hand=hand, strict=False)
    understood = _with_notes(understood, findings, like)
    if not (hand.label_column or hand.normal) and (doubt := denied_by_others(path, tree, findings, exists)):
        understood = replace(understood, doubts=(*understood.doubts, doubt))
    return Found(manifest, tree, findings, understood)


def _with_notes(understood: Understood, findings: Findings, like: str) -> Understood:
    """Say what is odd; where no image is there at all, that alone matters, and not what the labels say."""
    doubts = [
        replace(doubt, remedy="; ".join(filter(None, (doubt.remedy, like))))
        for doubt in understood.doubts
        if findings.radiographs
    ]
    notes = (*understood.notes, *filter(None, (like,)), *_notes(findings))
    return replace(understood, doubts=tuple(doubts), notes=notes)


def _like(path: Path) -> str:
    like = table_like(path.name, header(path))
    return f"it is called as a table of {like} is: {by_its_rules(like)}" if like else ""


def _notes(findings: Findings) -> list[str]:
    notes = []
    if findings.out_of_scope:
        others = (f"{rule} ({number:,})" for rule, number in sorted(findings.out_of_scope.items()))
        notes.append(f"rows of other views, images or parts of the body left out: {some(others)}")
    if findings.by_name:
        named = dict.fromkeys(findings.by_name)
        notes.append(f"{counted(len(named), 'file')} found by name, their paths being others: {some(named)}")
    return notes
