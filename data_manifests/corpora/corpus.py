"""Open a corpus: one of the catalog, a folder of images, a CSV, or a TOML manifest."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.corpora.assemble import Findings, resolve
from artasyn.data_manifests.corpora.bare_folders import read_bare_folder
from artasyn.data_manifests.corpora.bare_tables import read_bare_table
from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.dicom_patients import add_patients
from artasyn.data_manifests.corpora.file_tree import Tree, scan
from artasyn.data_manifests.corpora.manifest import Manifest, catalog_names, catalogued, read_manifest
from artasyn.data_manifests.corpora.mask_files import read_united
from artasyn.data_manifests.corpora.other_kinds import remedy_for
from artasyn.data_manifests.corpora.patient_notes import patient_notes
from artasyn.data_manifests.corpora.radiograph import Radiograph, Skipped
from artasyn.data_manifests.corpora.said_by_hand import apply_by_hand
from artasyn.data_manifests.corpora.source_rows import rows_of
from artasyn.data_manifests.corpora.splits import salt_of
from artasyn.data_manifests.corpora.text_files import TABLES
from artasyn.data_manifests.corpora.undeclared import Found
from artasyn.data_manifests.corpora.understood import Understood
from artasyn.data_manifests.errors import CorpusError, check_path, did_you_mean
from artasyn.data_manifests.images.decode import Marks, decode_image
from artasyn.data_manifests.images.file_bytes import Reader, read_file
from artasyn.data_manifests.images.header_notes import header_notes
from artasyn.data_manifests.images.run_lengths import merge_runs

__all__ = ["ByHand", "Corpus", "Radiograph", "Skipped", "open_corpus"]

NOTHING_BY_HAND = ByHand()
NOTHING_UNDERSTOOD = Understood()
FACTS = ("name", "title", "homepage", "licence", "citation", "notes", "healthy", "masks")

ANYWHERE = ("--assume-normal", "--mask-values", "--salt-file")
"""What may be said of any corpus."""


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
    understood: Understood = NOTHING_UNDERSTOOD
    """What was made of the names of folders, files and columns; empty where the corpus is declared."""

    @property
    def name(self) -> str:
        """Return the name it is known by."""
        return self.manifest.name

    def read_image(self, radiograph: Radiograph, *, read: Reader = read_file) -> NDArray[np.uint8]:
        """Decode to grey, shape (H, W). Raises ImageError, MachineError."""
        return decode_image(radiograph.path, read(radiograph.path))

    def read_notes(self, radiograph: Radiograph, *, read: Reader = read_file) -> list[str]:
        """Return what its header says that is odd, each as a kind and a sentence. Raises as `read_image` does."""
        return header_notes(radiograph.path, read(radiograph.path))

    def read_mask(self, radiograph: Radiograph, *, read: Reader = read_file) -> NDArray[np.bool_] | None:
        """Decode what the annotators marked, shape (H, W); None where nobody did. Raises as `read_image` does."""
        marks = self.read_marks(radiograph, read=read)
        return marks.marked if marks else None

    def read_marks(self, radiograph: Radiograph, *, read: Reader = read_file) -> Marks | None:
        """Decode the same with its labels, as long as nobody said which mark disease."""
        if radiograph.runs is not None:
            # Run lengths do not tell their image's shape.
            return Marks(merge_runs(radiograph.runs, self.read_image(radiograph, read=read).shape))
        if radiograph.mask is None:
            return None
        files = (radiograph.mask, *radiograph.more_masks)
        return read_united(files, "another mask of the image", read, values=radiograph.mask_values)

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
        files = (radiograph.lung_mask, radiograph.other_lung_mask)
        return read_united([path for path in files if path], "the other lung's", read).marked

    def describe(self) -> dict[str, Any]:
        """Return name, title, homepage, licence, citation, caveats and what is absent; empty facts are left out."""
        facts: dict[str, Any] = {key: " ".join(getattr(self.manifest, key).split()) for key in FACTS}
        facts["absent"] = list(self.absent)
        return {key: value for key, value in facts.items() if value}

    def reader(self) -> "Corpus":
        """Return the same without its lists: what a worker needs to read images, small enough to send."""
        return replace(self, radiographs=(), skipped=(), understood=NOTHING_UNDERSTOOD)


def open_corpus(spec: str, root: Path | None = None, hand: ByHand = NOTHING_BY_HAND) -> Corpus:
    """Open `spec`: a catalog name (with `root`), a folder, a table (.csv, .tsv), or a `.toml` manifest.

    A part that is missing is listed in `absent`, what was not understood in `understood.doubts`. Raises CorpusError
    where nothing at all is found, ConfigError for a manifest that cannot be understood.
    """
    if not spec.strip():
        raise CorpusError(
            "corpus", "is an empty name", "name a folder, a table, a manifest or a corpus", kind="unknown"
        )
    path = Path(spec)
    if path.name.lower().endswith(TABLES) and path.is_file():
        return _of_found(read_bare_table(path, root or path.parent, hand), hand)
    if path.is_dir() and spec not in catalog_names():
        if root is not None:
            raise CorpusError(spec, "is a folder: a root has no meaning for it", "leave --root out")
        return _of_found(read_bare_folder(path, hand), hand)
    manifest, place = _declared(spec, root)
    options = [option for option in hand.given if option not in ANYWHERE]
    if options:
        raise CorpusError(spec, f"says itself what {options[0]} would say", f"leave {options[0]} out")
    return _open(manifest, place, hand)


def _declared(spec: str, root: Path | None) -> tuple[Manifest, Path]:
    path = Path(spec)
    if spec in catalog_names():
        if root is None:
            raise CorpusError(spec, "needs the folder where it lies", "add --root DIR", kind="missing_root")
        return catalogued(spec), root
    if path.suffix.lower() == ".toml" and path.is_file():
        manifest = read_manifest(path)
        return manifest, root or path.parent / manifest.root
    if path.is_file() and (remedy := remedy_for(path)):
        raise CorpusError(spec, "is no table that is read here", remedy, kind="unknown")
    if path.is_file():
        remedy = "give a folder of images, a .csv or .tsv table, or a .toml manifest"
        raise CorpusError(spec, "is none of what a corpus may be", remedy, kind="unknown")
    if "/" in spec or path.suffix:
        raise CorpusError(spec, "is not there", check_path(spec), kind="missing")
    near = did_you_mean(spec, catalog_names(), otherwise=check_path(spec))
    raise CorpusError(spec, "is no folder or table here, and no corpus of the catalog", near, kind="unknown")


def _open(manifest: Manifest, root: Path, hand: ByHand) -> Corpus:
    tree = scan(root)
    findings, absent = Findings(), []
    for source in manifest.sources:
        try:
            resolve(
                source,
                tree,
                rows_of(source, tree),
                salt=salt_of(manifest.name, hand.salt_file),
                findings=findings,
            )
        except CorpusError as error:
            if error.kind != "missing_table":
                raise
            absent.append(str(error))
    if not findings.radiographs and not findings.skipped:
        reason = absent[0] if absent else f"no radiograph found below {tree.root}"
        remedy = f"see `artasyn-synth corpora {manifest.name}` for the layout"
        raise CorpusError(manifest.name, reason, remedy, kind="empty")
    return _corpus_of(manifest, tree, findings, hand=hand, absent=tuple(absent))


def _of_found(found: Found, hand: ByHand) -> Corpus:
    return _corpus_of(found.manifest, found.tree, found.findings, hand=hand, understood=found.understood)


def _corpus_of(
    manifest: Manifest,
    tree: Tree,
    findings: Findings,
    *,
    hand: ByHand,
    understood: Understood = NOTHING_UNDERSTOOD,
    absent: tuple[str, ...] = (),
) -> Corpus:
    """Put a corpus together, patients from headers where it names none, then what a person says."""
    radiographs = sorted(findings.radiographs.values(), key=lambda entry: entry.image_id)
    radiographs, said = add_patients(radiographs, salt=salt_of(manifest.name, hand.salt_file))
    notes = (*understood.notes, *patient_notes(radiographs, counted_before=bool(said)))
    understood = replace(understood, patient=said or understood.patient, notes=notes)
    radiographs, understood = apply_by_hand(radiographs, understood, hand, name=manifest.name)
    return Corpus(
        manifest=manifest,
        root=tree.root,
        radiographs=tuple(radiographs),
        skipped=tuple(sorted(findings.skipped.values(), key=lambda entry: entry.image_id)),
        out_of_scope=dict(findings.out_of_scope),
        absent=absent,
        understood=understood,
    )
