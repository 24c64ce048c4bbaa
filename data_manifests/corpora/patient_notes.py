"""Say what is odd about a corpus's patients: images without one, and patients in several splits."""

from collections import defaultdict
from collections.abc import Sequence

from artasyn.data_manifests.corpora.radiograph import Radiograph
from artasyn.data_manifests.corpora.understood import counted

__all__ = ["patient_notes"]


def patient_notes(radiographs: Sequence[Radiograph], *, counted_before: bool) -> tuple[str, ...]:
    """Return a sentence for each oddity; `counted_before`: images without a patient were told already."""
    splits: dict[str, set[str]] = defaultdict(set)
    for entry in radiographs:
        splits[entry.patient].add(entry.split)
    nobody = sum(not entry.patient for entry in radiographs)
    splits.pop("", None)
    notes = []
    if splits and nobody and not counted_before:
        notes.append(f"{counted(nobody, 'image')} of no patient, or of a placeholder such as `unknown`")
    several = sum(len(own) > 1 for own in splits.values())
    if several:
        notes.append(f"{counted(several, 'patient')} with images in several splits: a figure may be too good")
    return tuple(notes)
