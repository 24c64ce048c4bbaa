"""What a version holds, as text: counts, reasons, provenance."""

import itertools
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.store.version import Version
from artasyn.synth.versions.equal_images import equal_images

__all__ = ["absent_parts", "left_out_rows", "outcome_table", "reasons", "summary_table"]

EXAMPLES = 3
"""Names shown for each reason of rejection."""


def reasons(version: Version, status: str) -> Counter[str]:
    """Count the kinds of reason of all rows with this status; the kind is the word before the colon."""
    return Counter(
        str(text).partition(":")[0] for text in version.table["reason"][version.rows(status=status)]
    )


def absent_parts(version: Version) -> list[str]:
    """Return what the corpus declares and was not there when the version was made, one sentence each."""
    return list(version.attributes.get("corpus", {}).get("absent", []))


def summary_table(version: Version) -> str:
    """Return what a version holds, what was understood of its corpus, and what was left out of it, with examples."""
    understood = [
        *(f"{name:>9}  {sentence}" for name, sentence in version.attributes.get("understood", {}).items()),
        *(f" absent  {sentence}" for sentence in absent_parts(version)),
        *_left_aside(version),
    ]
    return "\n".join([*_contents(version), *understood, *_oddities(version)])


def outcome_table(version: Version) -> str:
    """Return the same but for what was understood of the corpus: a build has printed that with its plan."""
    return "\n".join([*_contents(version), *_oddities(version)])


def _contents(version: Version) -> list[str]:
    table, ok = version.table, version.rows(status="ok")
    used = len(set(table["study"][ok].tolist()))
    splits = Counter(str(split) or "no split" for split in table["split"][ok])
    splits = Counter() if list(splits) == ["no split"] else splits
    return [
        f"version  {version.id}",
        f" digest  {version.attributes['digest']}",
        f"   kind  {version.attributes['kind']}, {version.shape.size} px, seed {version.attributes.get('seed')}",
        f"studies  {version.shape.studies}: {used} used, {version.shape.studies - used} left out",
        ", ".join([f"samples  {len(ok)}", *_labels(version, ok), *_counts(splits)]),
    ]


def _oddities(version: Version) -> list[str]:
    return [
        *_left_out(version, "rejected", version.shape.slots),
        *_left_out(version, "absent", 1),
        *_noted(version),
        *_unlabelled(version),
        *equal_images(version),
    ]


def _labels(version: Version, rows: NDArray[np.intp]) -> list[str]:
    """Count the labels of real images: those that were chosen, where `counts` tells of the whole corpus."""
    if version.attributes["kind"] != "evaluation":
        return []
    return _counts(Counter(str(label) for label in version.table["label"][rows]))


def _counts(of: Counter[str]) -> list[str]:
    return [f"{name} {number}" for name, number in sorted(of.items())]


def _left_aside(version: Version) -> list[str]:
    """Return how much of the corpus was never chosen; versions of before do not tell."""
    counts = version.attributes.get("left_aside", {})
    told = ", ".join(f"{count:,} {what}" for what, count in sorted(counts.items()))
    return [f"  aside  {told}: never chosen, so not counted as left out"] if told else []


def _unlabelled(version: Version) -> list[str]:
    """Say what a version without any label is good for."""
    labels = {str(label) for label in version.table["label"][version.rows(status="ok")]}
    if version.attributes["kind"] != "evaluation" or labels != {"unlabelled"}:
        return []
    return [
        "   noted no image has a label: a run can be adapted or recalibrated to this version, not scored on it"
    ]


def _noted(version: Version) -> list[str]:
    """Return what is odd about samples that were taken all the same, counted, with examples."""
    found: dict[str, dict[str, str]] = {}
    for row in version.rows(status="ok"):
        for note in filter(None, str(version.table["reason"][row]).split("; ")):
            kind, _, message = note.partition(": ")
            found.setdefault(kind, {})[str(version.table["image_id"][row])] = message
    lines = []
    for kind, notes in found.items():
        lines.append(f"   noted {len(notes)} {kind}")
        examples = itertools.islice(notes.items(), EXAMPLES)
        lines += [f"           {name}: {message}" for name, message in examples]
    return lines


def left_out_rows(version: Version) -> list[tuple[str, ...]]:
    """Return a header and one row for each image of which the version holds no sample: which, and why."""
    table = version.table
    used = set(table["study"][version.rows(status="ok")].tolist())
    rows: dict[int, tuple[str, ...]] = {}
    for row in range(len(table["study"])):
        study, reason = int(table["study"][row]), str(table["reason"][row])
        if study in used or study in rows or reason.startswith("not_drawn"):
            continue
        kind, _, message = reason.partition(": ")
        rows[study] = (str(table["image_id"][row]), str(table["label"][row]), kind, message)
    return [("image_id", "label", "kind", "reason"), *rows.values()]


def _left_out(version: Version, status: str, slots: int) -> list[str]:
    counts = reasons(version, status)
    if status == "absent":
        counts.pop("not_drawn", None)  # the number of variants is drawn: nothing is missing there
    lines = []
    for kind, rows in counts.most_common():
        lines.append(f"{status:>8} {rows // slots} {kind}")
        lines += [f"           {line}" for line in _examples(version, status, kind)]
    return lines


def _examples(version: Version, status: str, kind: str) -> list[str]:
    table = version.table
    found: dict[str, str] = {}
    for row in version.rows(status=status):
        reason = str(table["reason"][row])
        if reason.partition(":")[0] == kind:
            found[str(table["image_id"][row])] = reason.partition(": ")[2]
        if len(found) == EXAMPLES:
            break
    return [f"{name}: {reason.removeprefix(name + ': ')}" for name, reason in found.items()]
