"""Make radiographs of rows: find the files, apply the rules, list what cannot be used."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from artasyn.data_manifests.corpora.annotations import read_extras
from artasyn.data_manifests.corpora.file_tree import Tree
from artasyn.data_manifests.corpora.label_rules import Label, agree
from artasyn.data_manifests.corpora.manifest import Source
from artasyn.data_manifests.corpora.radiograph import Radiograph, Skipped
from artasyn.data_manifests.corpora.row_files import Unusable, find_image, find_mask, locate
from artasyn.data_manifests.corpora.source_rows import Row
from artasyn.data_manifests.corpora.splits import patient_hash
from artasyn.data_manifests.corpora.templates import fields_of, fill
from artasyn.data_manifests.images.dicom_patient import is_placeholder
from artasyn.data_manifests.images.file_types import readable_name

__all__ = ["Findings", "resolve"]


@dataclass(frozen=True, slots=True)
class Findings:
    """What the sources of a corpus came to; filled as they are read."""

    radiographs: dict[str, Radiograph] = field(default_factory=dict)
    skipped: dict[str, Skipped] = field(default_factory=dict)
    out_of_scope: Counter[str] = field(default_factory=Counter)
    """Rows left out by `keep`, counted by column and value."""
    by_name: list[str] = field(default_factory=list)
    """Paths of images and masks that were found by name, their paths being others."""

    def skip(self, image_id: str, reason: str, message: str, *, number: int = 1) -> None:
        """List an entry as unusable, under a name of its own: the id, from the second on with a number behind it."""
        name = image_id if number == 1 else f"{image_id}#{number}"
        while name in self.skipped or name in self.radiographs:
            number += 1
            name = f"{image_id}#{number}"
        self.skipped[name] = Skipped(image_id=name, reason=reason, message=message)


def resolve(source: Source, tree: Tree, table: Iterable[Row], *, salt: str, findings: Findings) -> None:
    """Add the radiographs of a source's rows to `findings`, in place. Raises CorpusError for a bad boxes table."""
    extras = read_extras(source, tree)
    images = _images(source, tree, table, findings)
    for found in (
        _grouped(images, findings, strict=source.by_name) if source.repeated else _single(images, findings)
    ):
        try:
            radiograph = _radiograph(source, tree, found, findings, salt=salt)
        except Unusable as unusable:
            reason, message = unusable.args
            findings.skip(found.image_id, reason, message)
            continue
        findings.radiographs[found.image_id] = extras.add_to(radiograph, found.row.cells)


@dataclass(frozen=True, slots=True)
class _Image:
    """One row whose image is there, or several that tell of the same."""

    row: Row
    image_id: str
    path: str
    """Below the root."""
    label: Label
    more: tuple[Row, ...] = ()
    """Further rows of the same image, each with a mask, a box or a run of its own."""


def _images(source: Source, tree: Tree, table: Iterable[Row], findings: Findings) -> Iterator[_Image]:
    """Yield the rows whose image is there; skip the others, once each."""
    for row in table:
        if not _in_scope(source, row, findings.out_of_scope):
            continue
        wanted = fill(source.image, row.cells)
        readable = readable_name(wanted)
        if readable != wanted:
            findings.skip(readable, "bad_name", "its name is not UTF-8; rename the file")
            continue
        try:
            image_id, path = (
                find_image(tree, row.folder, wanted, findings.by_name)
                if source.by_name
                else locate(tree, row.folder, wanted)
            )
        except Unusable as unusable:
            reason, message = unusable.args
            name = wanted.removeprefix("**/") or "(no path)"
            if not source.repeated or name not in findings.skipped:
                findings.skip(name, reason, message)
            continue
        yield _Image(row, image_id, path, _label(source, row))


def _single(images: Iterable[_Image], findings: Findings) -> Iterator[_Image]:
    """Yield each image once; a second row for it is listed as a duplicate, one of another label forbids both."""
    images, labels = list(images), defaultdict(set)
    for image in images:
        labels[image.image_id].add(image.label)
    seen: set[str] = set()
    for image in images:
        if len(labels[image.image_id]) > 1:
            if image.image_id not in seen:
                said = " and ".join(sorted(labels[image.image_id]))
                findings.skip(
                    image.image_id, "contradiction", f"its rows say {said}; keep the row that is right"
                )
            seen.add(image.image_id)
            continue
        if image.image_id in seen or image.image_id in findings.radiographs:
            message = "an earlier entry names the same image; that one is used"
            findings.skip(image.image_id, "duplicate", message, number=2)
            continue
        seen.add(image.image_id)
        yield image


def _grouped(images: Iterable[_Image], findings: Findings, *, strict: bool) -> Iterator[_Image]:
    """Yield each image once, with the label on which all its rows agree; where `strict`, others are contradictions."""
    rows: dict[str, list[_Image]] = {}
    for image in images:
        rows.setdefault(image.image_id, []).append(image)
    merged = []
    for same in rows.values():
        first, labels = same[0], {image.label for image in same}
        if strict and len(labels) > 1:
            merged += same
            continue
        more = tuple(image.row for image in same[1:])
        merged.append(replace(first, label=agree(labels), more=more))
    yield from _single(merged, findings)


def _in_scope(source: Source, row: Row, out_of_scope: Counter[str]) -> bool:
    for column, allowed in source.keep.items():
        if row.cells[column] not in allowed:
            out_of_scope[f"{column} = {row.cells[column]!r}"] += 1
            return False
    return True


def _label(source: Source, row: Row) -> Label:
    rule = source.by_class or source.by_findings or source.by_words
    if not row.complete:
        return "unlabelled"
    if rule:
        return rule(row.cells)
    return {"normal": "normal", "abnormal": "abnormal"}.get(source.label, "unlabelled")  # type: ignore[return-value]


def _radiograph(source: Source, tree: Tree, image: _Image, findings: Findings, *, salt: str) -> Radiograph:
    row = image.row
    masked = all(row.cells[column] in allowed for column, allowed in source.mask_when.items())
    named = findings.by_name if source.by_name else None
    templates = (source.mask if masked else "", source.lung_mask, source.other_lung_mask)
    masks = [
        find_mask(tree, row, template, lungs=number > 0, named=named)
        for number, template in enumerate(templates)
    ]
    if source.other_lung_mask and bool(masks[1]) != bool(masks[2]):
        raise Unusable("missing_mask", "only one of its two lungs has a mask")
    more = [
        find_mask(tree, other, source.mask, lungs=False, named=named)
        for other in (image.more if masks[0] and source.by_name else ())
    ]
    split = fill(source.split, row.cells)
    facts = {
        name: fill(template, row.cells)
        for name, template in source.attributes.items()
        if fields_of(template) <= row.cells.keys()
    }
    return Radiograph(
        image_id=image.image_id,
        path=tree.root / image.path,
        label=image.label,
        split=source.splits.get(split, source.splits.get(split.strip().lower(), split)),
        patient=patient_hash(_patient(fill(source.patient, row.cells)), salt=salt),
        mask=tree.root / masks[0] if masks[0] else None,
        more_masks=tuple(tree.root / path for path in dict.fromkeys(more) if path and path != masks[0]),
        lung_mask=tree.root / masks[1] if masks[1] else None,
        other_lung_mask=tree.root / masks[2] if masks[2] else None,
        attributes={name: value for name, value in facts.items() if value},
    )


def _patient(identifier: str) -> str:
    """Return a patient's identifier, "" for a word that stands for nobody; a table may number patients from 0."""
    named = any(sign.isdigit() for sign in identifier)
    return identifier if named or not is_placeholder(identifier) else ""
