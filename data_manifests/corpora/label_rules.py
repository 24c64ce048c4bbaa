"""The rules by which a row of a table makes a radiograph normal, abnormal or unlabelled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

__all__ = ["ABSENT", "PRESENT", "UNCERTAIN", "ByClass", "ByFindings", "ByWords", "Label", "agree"]

PRESENT = ("1.0", "1", "1,0", "true", "yes", "y", "positive", "pos", "present", "+")
ABSENT = ("0.0", "0", "0,0", "false", "no", "n", "negative", "neg", "absent", "not present")
UNCERTAIN = ("-1.0", "-1", "-1,0", "u", "uncertain", "equivocal", "indeterminate", "possible")
"""What stands in the column of a finding, in lower case; anything else does not mention it."""
Label = Literal["normal", "abnormal", "unlabelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ByClass:
    """One column names the class."""

    column: str
    normal: tuple[str, ...]
    abnormal: tuple[str, ...] = ("*",)
    """`*`: every class that is not named elsewhere here and not empty."""
    neither: tuple[str, ...] = ()
    """Classes that say nothing."""

    def __call__(self, row: Mapping[str, str]) -> Label:
        """Return the label; case does not matter."""
        value = row[self.column].strip().lower()
        if value in _lowered(self.normal):
            return "normal"
        if not value or value in _lowered(self.neither):
            return "unlabelled"
        return "abnormal" if value in _lowered(self.abnormal) or "*" in self.abnormal else "unlabelled"


@cache
def _lowered(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByFindings:
    """One column a finding: 1 present, 0 absent, -1 uncertain, empty not mentioned (the CheXpert labels).

    Any finding present: abnormal. None present but one uncertain: unlabelled. Else: normal, where `clear` or
    `mentioned` do not ask for more.
    """

    columns: tuple[str, ...]
    clear: str = ""
    """Column that says by 1 that nothing was found; where it is named, no image is normal without."""
    mentioned: bool = False
    """Whether an image is normal only where every finding is said to be absent."""

    def __call__(self, row: Mapping[str, str]) -> Label:
        """Return the label. Source: the published preprocessing of CheXpert for ART-ASyn."""
        values = [row[column].strip().lower() for column in self.columns]
        if any(value in PRESENT for value in values):
            return "abnormal"
        if any(value in UNCERTAIN for value in values):
            return "unlabelled"
        if self.clear and row[self.clear].strip().lower() not in PRESENT:
            return "unlabelled"
        said = all(value in ABSENT for value in values)
        return "unlabelled" if self.mentioned and not said else "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByWords:
    """One column lists findings as words."""

    column: str
    separator: str
    normal: tuple[str, ...]
    """Words that say: nothing found. Normal when no other word stands beside them."""
    neutral: tuple[str, ...] = ()
    """Words that say nothing about health; ignored."""
    doubtful: tuple[str, ...] = ()
    """Words that forbid a label."""

    def __call__(self, row: Mapping[str, str]) -> Label:
        """Return the label; brackets and quotes around the words are ignored."""
        words = {word.strip(" []'\"").lower() for word in row[self.column].split(self.separator)}
        words -= {"", *self.neutral}
        if not words or words & set(self.doubtful):
            return "unlabelled"
        return "normal" if words <= set(self.normal) else "abnormal"


def agree(labels: Iterable[Label]) -> Label:
    """Return the label on which all rows agree, else unlabelled."""
    distinct = set(labels)
    return distinct.pop() if len(distinct) == 1 else "unlabelled"
