"""Open a corpus: one of the catalog, a folder of images, a CSV, or a TOML manifest."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.corpora.assemble import Findings, resolve
from artasyn.data_manifests.corpora.file_tree import Tree, scan
from artasyn.data_manifests.corpora.manifest import Manifest, catalog_names, catalogued, read_manifest
from artasyn.data_manifests.corpora.radiograph import Radiograph, Skipped
from artasyn.data_manifests.corpora.source_rows import rows_of
from artasyn.data_manifests.corpora.undeclared_folder import folder_manifest, folder_rows
from artasyn.data_manifests.corpora.undeclared_table import table_manifest
from artasyn.data_manifests.corpora.vocabulary import corpus_name
from artasyn.data_manifests.errors import CorpusError, ImageError
from artasyn.data_manifests.images.decode import decode_image, decode_mask
from artasyn.data_manifests.images.file_bytes import Reader, read_file
from artasyn.data_manifests.images.run_lengths import merge_runs

__all__ = ["Corpus", "Radiograph", "Skipped", "open_corpus"]

FACTS = ("name", "title", "homepage", "licence", "citation", "notes", "healthy", "masks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """The radiographs that a declaration finds below a root, in order of their ids."""

    manifest: Manifest
    root: Path
    radiographs: tuple[Radiograph, ...]
    skipped: tuple[Skipped, ...] = ()
    """What the declaration names but cannot be used, and why."""
    out_of_scope: Mapping[str, int] = field(default_factory=dict)
    """How many rows the declaration leaves out on purpose (lateral views, say), by column and value."""
    absent: tuple[str, ...] = ()
    """Parts of the corpus that are not there at all, one sentence each."""

    @property
    def name(self) -> str:
        """Return the name it is known by."""
        return self.manifest.name

    def read_image(self, radiograph: Radiograph, *, read: Reader = read_file) -> NDArray[np.uint8]:
        """Decode to grey, shape (H, W). Raises ImageError, MachineError."""
        return decode_image(radiograph.path, read(radiograph.path))

    def read_mask(self, radiograph: Radiograph, *, read: Reader = read_file) -> NDArray[np.bool_] | None:
        """Decode what the annotators marked, shape (H, W); None where nobody did. Raises as `read_image` does."""
        if radiograph.runs is not None:
            # Run lengths do not tell their image's shape.
            return merge_runs(radiograph.runs, self.read_image(radiograph, read=read).shape)
        return None if radiograph.mask is None else decode_mask(radiograph.mask, read(radiograph.mask))

    def read_findings(
        self, radiograph: Radiograph, *, read: Reader = read_file
    ) -> dict[str, NDArray[np.bool_]]:
        """Decode the mask of each finding that the corpus names, shape (H, W). Raises as `read_image` does."""
        if not radiograph.run_findings or radiograph.runs is None:
            return {}
        shape = self.read_image(radiograph, read=read).shape
        texts: dict[str, list[str]] = {}
        for finding, text in zip(radiograph.run_findings, radiograph.runs, strict=True):
            texts.setdefault(finding, []).append(text)
        return {finding: merge_runs(parts, shape) for finding, parts in texts.items()}

    def read_lungs(self, radiograph: Radiograph, *, read: Reader = read_file) -> NDArray[np.bool_] | None:
        """Decode a human's lung mask, both lungs in one, shape (H, W); None where there is none.

        Raises as `read_image` does.
        """
        if radiograph.lung_mask is None:
            return None
        lungs = decode_mask(radiograph.lung_mask, read(radiograph.lung_mask))
        if radiograph.other_lung_mask is None:
            return lungs
        other = decode_mask(radiograph.other_lung_mask, read(radiograph.other_lung_mask))
        if other.shape != lungs.shape:
            reason = f"is {other.shape}, the other lung's {lungs.shape}"
            raise ImageError(radiograph.other_lung_mask, reason, "check both masks", kind="bad_mask")
        return lungs | other

    def describe(self) -> dict[str, Any]:
        """Return name, title, homepage, licence, citation, caveats and what is absent; empty facts are left out."""
        facts: dict[str, Any] = {key: " ".join(getattr(self.manifest, key).split()) for key in FACTS}
        facts["absent"] = list(self.absent)
        return {key: value for key, value in facts.items() if value}

    def reader(self) -> "Corpus":
        """Return the same without its lists: what a worker needs to read images, small enough to send."""
        return replace(self, radiographs=(), skipped=())


def open_corpus(spec: str, root: Path | None = None) -> Corpus:
    """Open `spec`: a catalog name (with `root`), a folder, a `.csv`, or a `.toml` manifest.

    A part that is missing is listed in `absent`. Raises CorpusError where nothing at all is found, ConfigError for
    a manifest that cannot be understood.
    """
    path = Path(spec)
    if spec in catalog_names():
        if root is None:
            raise CorpusError(spec, "needs the folder where it lies", "add --root DIR", kind="missing_root")
        return _open(catalogued(spec), root)
    if path.suffix.lower() == ".toml" and path.is_file():
        manifest = read_manifest(path)
        return _open(manifest, root or path.parent / manifest.root)
    if path.name.lower().endswith((".csv", ".csv.gz")) and path.is_file():
        return _open(table_manifest(path), root or path.parent)
    if path.is_dir():
        if root is not None:
            raise CorpusError(spec, "is a folder: a root has no meaning for it", "leave --root out")
        return _open_folder(path)
    if "/" in spec or path.suffix:
        raise CorpusError(spec, "is not there", "check the path", kind="missing")
    return _open(catalogued(spec), root or path)


def _open(manifest: Manifest, root: Path) -> Corpus:
    tree = scan(root)
    findings, absent = Findings(), []
    for source in manifest.sources:
        try:
            resolve(source, tree, rows_of(source, tree), salt=manifest.name, findings=findings)
        except CorpusError as error:
            if error.kind != "missing_table":
                raise
            absent.append(str(error))
    return _corpus(manifest, tree, findings, tuple(absent))


def _open_folder(root: Path) -> Corpus:
    tree, findings = scan(root), Findings()
    name = corpus_name(root.resolve().name, otherwise="folder")
    manifest = folder_manifest(name)
    resolve(manifest.sources[0], tree, folder_rows(tree), salt=name, findings=findings)
    return _corpus(manifest, tree, findings, ())


def _corpus(manifest: Manifest, tree: Tree, findings: Findings, absent: tuple[str, ...]) -> Corpus:
    if not findings.radiographs and not findings.skipped:
        reason = absent[0] if absent else f"no radiograph found below {tree.root}"
        remedy = f"see `artasyn-synth corpora {manifest.name}` for the layout"
        raise CorpusError(manifest.name, reason, remedy, kind="empty")
    return Corpus(
        manifest=manifest,
        root=tree.root,
        radiographs=tuple(sorted(findings.radiographs.values(), key=lambda entry: entry.image_id)),
        skipped=tuple(sorted(findings.skipped.values(), key=lambda entry: entry.image_id)),
        out_of_scope=dict(findings.out_of_scope),
        absent=absent,
    )
