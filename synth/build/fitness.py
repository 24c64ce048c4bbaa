"""Refuse a corpus that was not understood well enough for what shall be made of it."""

from collections import Counter

from artasyn.data_manifests.corpora.understood import counted
from artasyn.data_manifests.errors import CorpusError
from artasyn.data_manifests.store.contract import Kind
from artasyn.synth.sources.source import Source

__all__ = ["counts_of", "nothing_chosen", "refuse_doubtful", "said_of"]

ALONE = {"no_label": "synthetic", "run_lengths": "evaluation"}
"""Kinds of doubt that stop one kind of version: an evaluation may lack labels, a build needs no masks."""


REMEDIES = {
    "missing": "check the paths, and --root",
    "outside_root": "write the paths relative to the table's folder, or name the folder of the images with --root",
}
"""What to do where no entry can be used, by the reason."""


def refuse_doubtful(source: Source, kind: Kind) -> None:
    """Raise CorpusError for the first doubt that could spoil a version of this kind."""
    for doubt in source.understood.doubts:
        if ALONE.get(doubt.kind, kind) == kind:
            raise doubt.error()


def nothing_chosen(source: Source, kind: Kind, split: str) -> CorpusError:
    """Return why no radiograph is left for a version."""
    counts = Counter(radiograph.label for radiograph in source.radiographs)
    skipped = Counter(entry.reason for entry in source.skipped)
    if not source.radiographs and skipped:
        reason, number = skipped.most_common(1)[0]
        first = next(entry for entry in source.skipped if entry.reason == reason)
        what = "files that the corpus names are not there" if reason == "missing" else f"entries are {reason}"
        remedy = REMEDIES.get(reason, "mend them")
        return CorpusError(source.name, f"{number:,} {what}, first: {first.message}", remedy, kind=reason)
    if kind == "synthetic" and not counts["normal"]:
        held = ", ".join(f"{number:,} {label}" for label, number in sorted(counts.items()))
        remedy = "say what is normal with --normal or --normal-dir, or that all is with --assume-normal"
        return CorpusError(
            source.name, f"has no radiograph labelled normal: {held}", remedy, kind="no_normal"
        )
    if kind == "evaluation" and not split and {entry.split for entry in source.radiographs} == {"train"}:
        remedy = "add --split train to evaluate on it all the same"
        return CorpusError(source.name, "holds images of split train alone", remedy)
    remedy = "check --split and the labels with `artasyn-synth corpora check`"
    where = f" in split {split}" if split else ""
    return CorpusError(source.name, f"has no radiograph for a version of kind {kind}{where}", remedy)


def counts_of(source: Source) -> dict[str, str]:
    """Return how many radiographs are of which label, have a mask, and how many patients they are of."""
    entries = source.radiographs
    labels = Counter(entry.label for entry in entries)
    masks = sum(entry.mask is not None or bool(entry.runs) for entry in entries)
    lungs = sum(entry.lung_mask is not None for entry in entries)
    boxes = sum(bool(entry.boxes) for entry in entries)
    patients = len({entry.patient for entry in entries} - {""})
    said = [f"{labels[label]:,} {label}" for label in ("normal", "abnormal", "unlabelled")]
    said += [
        f"{masks:,} with mask",
        *([f"{boxes:,} with boxes"] if boxes else []),
        f"{lungs:,} with lung mask",
        counted(patients, "patient") if patients else "patients not known",
    ]
    return {"counts": ", ".join(said)}


def said_of(source: Source, kind: Kind) -> dict[str, str]:
    """Return what was understood, one sentence each, and what a build makes of images without a label."""
    lines = source.understood.lines()
    if kind == "synthetic" and source.understood.plain:
        lines["label"] += "; all are taken as normal, since a version is built from them"
    return lines
