"""Make radiographs of rows: find the files, apply the rules, list what cannot be used."""

import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from artasyn.data_manifests.corpora.annotations import read_extras
from artasyn.data_manifests.corpora.file_tree import Tree
from artasyn.data_manifests.corpora.label_rules import Label, agree
from artasyn.data_manifests.corpora.manifest import Source
from artasyn.data_manifests.corpora.mask_names import mask_in_folder, mask_in_name
from artasyn.data_manifests.corpora.radiograph import Radiograph, Skipped
from artasyn.data_manifests.corpora.source_rows import Row
from artasyn.data_manifests.corpora.splits import patient_hash
from artasyn.data_manifests.corpora.templates import fields_of, fill

__all__ = ["Findings", "resolve"]


@dataclass(frozen=True, slots=True)
class Findings:
    """What the sources of a corpus came to; filled as they are read."""

    radiographs: dict[str, Radiograph] = field(default_factory=dict)
    skipped: dict[str, Skipped] = field(default_factory=dict)
    out_of_scope: Counter[str] = field(default_factory=Counter)
    """Rows left out by `keep`, counted by column and value."""
    by_name: list[str] = field(default_factory=list)
    """Ids of images that were found by name, their paths being others."""

    def skip(self, image_id: str, reason: str, message: str, *, number: int = 1) -> None:
        """List an entry as unusable, under a name of its own: the id, from the second on with a number behind it."""
        name = image_id if number == 1 else f"{image_id}#{number}"
        while name in self.skipped or name in self.radiographs:
            number += 1
            name = f"{image_id}#{number}"
        self.skipped[name] = Skipped(image_id=name, reason=reason, message=message)


class _Unusable(Exception):
    """Carry the reason why one row makes no radiograph."""


def resolve(source: Source, tree: Tree, table: Iterable[Row], *, salt: str, findings: Findings) -> None:
    """Add the radiographs of a source's rows to `findings`, in place. Raises CorpusError for a bad boxes table."""
    extras = read_extras(source, tree)
    images = _images(source, tree, table, findings)
    for found in _grouped(images, findings) if source.repeated else _single(images, findings):
        try:
            radiograph = _radiograph(source, tree, found, salt=salt)
        except _Unusable as unusable:
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


def _images(source: Source, tree: Tree, table: Iterable[Row], findings: Findings) -> Iterator[_Image]:
    """Yield the rows whose image is there; skip the others, once each."""
    for row in table:
        if not _in_scope(source, row, findings.out_of_scope):
            continue
        wanted = fill(source.image, row.cells)
        readable = wanted.encode("utf-8", "backslashreplace").decode()
        if readable != wanted:
            findings.skip(readable, "bad_name", "its name is not UTF-8; rename the file")
            continue
        try:
            image_id, path = (
                _find(tree, row.folder, wanted, findings)
                if source.by_name
                else _locate(tree, row.folder, wanted)
            )
        except _Unusable as unusable:
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


def _grouped(images: Iterable[_Image], findings: Findings) -> Iterator[_Image]:
    """Yield each image once, with the label on which all its rows agree."""
    first: dict[str, _Image] = {}
    labels: dict[str, list[Label]] = {}
    for image in images:
        first.setdefault(image.image_id, image)
        labels.setdefault(image.image_id, []).append(image.label)
    merged = (replace(image, label=agree(labels[image_id])) for image_id, image in first.items())
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


def _locate(tree: Tree, folder: str, wanted: str) -> tuple[str, str]:
    """Return the id (relative to the corpus's own folder) and the path below the root of a wanted file."""
    wanted = wanted.strip().replace("\\", "/")
    if not wanted or wanted.endswith("/"):
        raise _Unusable("no_path", "the row names no file")
    if wanted.startswith("**/"):
        return _search(tree, posixpath.normpath(wanted[3:]))
    if wanted.startswith(tree.prefix):
        folder, wanted = "", wanted[len(tree.prefix) :]
    path = posixpath.normpath(folder + wanted)
    if path.startswith(("../", "/")) or path == ".." or wanted.startswith("/"):
        raise _Unusable(
            "outside_root", f"`{wanted}` points out of the corpus; paths must stay below its folder"
        )
    if path not in tree.known:
        raise _Unusable("missing", f"there is no file {path} in the corpus")
    return (path[len(folder) :] if path.startswith(folder) else path), path


def _find(tree: Tree, folder: str, wanted: str, findings: Findings) -> tuple[str, str]:
    """Locate an image as `_locate` does, else by what it is called."""
    try:
        return _locate(tree, folder, wanted)
    except _Unusable as unusable:
        if unusable.args[0] not in ("missing", "no_path"):
            raise
        found = tree.alike(posixpath.normpath(wanted.strip().replace("\\", "/"))) if wanted.strip() else []
        images = [path for path in found if not (mask_in_folder(path) or mask_in_name(path))] or found
        if not images:
            raise
        if len(images) > 1:
            several = f"`{wanted.strip()}` could be {', '.join(images[:3])}; give the whole path"
            raise _Unusable("ambiguous", several) from unusable
        findings.by_name.append(images[0])
        return images[0], images[0]


def _search(tree: Tree, tail: str) -> tuple[str, str]:
    if tail.startswith(("..", "/")):
        raise _Unusable(
            "outside_root", f"`{tail}` points out of the corpus; paths must stay below its folder"
        )
    found = tree.below(tail)
    if not found:
        raise _Unusable("missing", f"there is no file {tail} in any folder of the corpus")
    if len(found) > 1:
        raise _Unusable("ambiguous", f"{tail} is there {len(found)} times: {', '.join(found[:3])}")
    return tail, found[0]


def _radiograph(source: Source, tree: Tree, image: _Image, *, salt: str) -> Radiograph:
    row = image.row
    masked = all(row.cells[column] in allowed for column, allowed in source.mask_when.items())
    masks = [
        _mask(tree, row, template)
        for template in (source.mask if masked else "", source.lung_mask, source.other_lung_mask)
    ]
    if source.other_lung_mask and bool(masks[1]) != bool(masks[2]):
        raise _Unusable("missing_mask", "only one of its two lungs has a mask")
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
        patient=patient_hash(fill(source.patient, row.cells), salt=salt),
        mask=tree.root / masks[0] if masks[0] else None,
        lung_mask=tree.root / masks[1] if masks[1] else None,
        other_lung_mask=tree.root / masks[2] if masks[2] else None,
        attributes={name: value for name, value in facts.items() if value},
    )


def _mask(tree: Tree, row: Row, template: str) -> str:
    """Return a mask's path below the root, "" where the row has none."""
    wanted = fill(template.removeprefix("?"), row.cells)
    if not wanted:
        return ""
    try:
        return _locate(tree, row.folder, wanted)[1]
    except _Unusable as unusable:
        reason, message = unusable.args
        if reason == "missing" and template.startswith("?"):
            return ""
        raise _Unusable(
            "missing_mask" if reason == "missing" else reason, f"its mask: {message}"
        ) from unusable
