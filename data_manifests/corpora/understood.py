"""What was understood of a corpus, and what was not: said before anything is made of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from artasyn.data_manifests.errors import CorpusError

__all__ = ["Doubt", "ToldBy", "Understood", "counted", "some"]

ToldBy = Literal["", "folders", "own name"]
"""Whose names tell the class of images in a bare folder: its folders', its own, or nobody's."""

SHOWN = 4
"""Examples in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One thing that was not understood and could spoil a version."""

    kind: str
    """label_values (stops every version), no_label (a build alone), run_lengths (an evaluation alone)."""
    subject: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        """Return what is wrong and what to do about it."""
        return f"{self.reason} ({self.remedy})"

    def error(self) -> CorpusError:
        """Return it as what stops a plan."""
        return CorpusError(self.subject, self.reason, self.remedy, kind=self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """One sentence each; empty where the corpus is declared or nothing of the kind is there."""

    label: str = ""
    mask: str = ""
    boxes: str = ""
    lung_mask: str = ""
    patient: str = ""
    split: str = ""
    ignored: str = ""
    """Columns, folders and tables that were not used."""
    unmatched: str = ""
    """Masks that are no image's, images that no table names."""
    table: str = ""
    """Path of a table in or beside a folder that tells labels, masks or boxes of its images; no sentence."""
    notes: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    told_by: ToldBy = ""
    plain: bool = False
    """A bare folder of images, none of whose names says a class, nor a person: who builds from it says that they are
    normal."""

    def lines(self) -> dict[str, str]:
        """Return what there is to say, by name."""
        named = ("label", "mask", "boxes", "lung_mask", "patient", "split", "ignored", "unmatched")
        said = {name.replace("_", " "): getattr(self, name) for name in named}
        return {name: text for name, text in (said | {"note": "; ".join(self.notes)}).items() if text}


def some(names: Iterable[str]) -> str:
    """Return a few of the names, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - SHOWN:,} more" if len(every) > SHOWN else ""
    return ", ".join(" ".join(name.split())[:60] or "(empty)" for name in every[:SHOWN]) + more


def counted(number: int, what: str) -> str:
    """Return a number with its noun: `1 row`, `2 rows`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
