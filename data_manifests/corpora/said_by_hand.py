"""Do with the radiographs of any corpus, declared or not, what a person says of them."""

from collections.abc import Sequence
from dataclasses import replace

from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.radiograph import Radiograph
from artasyn.data_manifests.corpora.understood import Understood
from artasyn.data_manifests.errors import CorpusError

__all__ = ["apply_by_hand"]


def apply_by_hand(
    radiographs: Sequence[Radiograph], understood: Understood, hand: ByHand, *, name: str
) -> tuple[list[Radiograph], Understood]:
    """Return the radiographs as `hand` has them, and what is understood with a sentence on each such thing.

    Raises CorpusError where values of masks are chosen and the corpus `name` has none.
    """
    said, doubts, plain = [], understood.doubts, understood.plain
    entries = list(radiographs)
    if hand.mask_values:
        entries = _of_values(entries, hand.mask_values, name)
        values = ", ".join(map(str, hand.mask_values))
        said.append(f"pixels of masks mark disease where they are {values} (--mask-values)")
    if hand.assume_normal:
        unknown = sum(entry.label == "unlabelled" for entry in entries)
        entries = [replace(r, label="normal") if r.label == "unlabelled" else r for r in entries]
        said.append(f"{unknown:,} of unknown label taken as normal (--assume-normal)")
        doubts, plain = tuple(doubt for doubt in doubts if doubt.kind != "no_label"), False
    notes = (*understood.notes, *said)
    return entries, replace(understood, notes=notes, doubts=doubts, plain=plain)


def _of_values(radiographs: list[Radiograph], values: tuple[int, ...], name: str) -> list[Radiograph]:
    """Let these values of the masks alone mark disease."""
    if not any(entry.mask for entry in radiographs):
        remedy = "leave --mask-values out, or name the masks with --mask-dir"
        raise CorpusError(name, "has no masks of which values could be chosen", remedy)
    return [replace(entry, mask_values=values) if entry.mask else entry for entry in radiographs]
