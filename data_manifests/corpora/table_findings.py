"""Columns of an undeclared table that each tell of one finding, by 1 and 0 or by words that say the same."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from artasyn.data_manifests.corpora.annotations import NOTHING
from artasyn.data_manifests.corpora.csv_tables import rows
from artasyn.data_manifests.corpora.label_rules import ABSENT, PRESENT, UNCERTAIN, ByFindings
from artasyn.data_manifests.corpora.label_words import is_neutral, meaning, plain
from artasyn.data_manifests.corpora.understood import Doubt, counted, some
from artasyn.data_manifests.corpora.vocabulary import is_harmless

__all__ = ["finding_columns", "overlooked", "says_normal_by_one"]

BINARY = frozenset([*PRESENT, *ABSENT, *UNCERTAIN, *NOTHING])
VIRUS = re.compile(r"(ncov|cov|covid|h\dn)[\W_]*\d+", re.IGNORECASE)
"""Names of diseases with a number in them; other numbers tell readers or repeats of a column."""
WITHOUT_CLEAR = 4
"""So many findings must have a column before an image is normal by having none of them."""


def says_normal_by_one(column: str, values: Iterable[str]) -> bool:
    """Say whether a column is called normal and holds 1 or 0: there 1 is normal."""
    said = {value.lower() for value in values if meaning(value) != "unlabelled"}
    return meaning(plain(column).removeprefix("is ")) == "normal" and said <= BINARY


def finding_columns(counts: Mapping[str, Counter[str]]) -> tuple[list[str], str]:
    """Return the columns that each tell of one finding by 1 or 0, and the one that says by 1 that there is none.

    Nothing where they are too few to make an image normal.
    """
    binary = [name for name, values in counts.items() if _is_binary(name, values)]
    clear = [name for name in binary if meaning(name) == "normal"]
    found = [name for name in binary if _names_finding(name)]
    if found and (clear or len(found) >= WITHOUT_CLEAR):
        return found, clear[0] if clear else ""
    return [], ""


def overlooked(
    path: Path, rule: ByFindings, counts: Mapping[str, Counter[str]], *, known: Sequence[str]
) -> tuple[Doubt, ...]:
    """Return a doubt for each other column that may tell of a finding in images that the rule calls normal.

    Such are columns called after a finding that hold more than 1 and 0 and, where no column says that there is none,
    those of 1 and 0 among or beside the findings; not those that are `known` to be something else.
    """
    beside = () if rule.clear else _beside(rule.columns, counts)
    suspects = [
        name
        for name in counts
        if name not in (*rule.columns, rule.clear, *known)
        and not is_neutral(name)
        and (_names_finding(name) or name in beside)
    ]
    said = _said_of_normal(path, rule, suspects) if suspects else {}
    return tuple(_doubt(path, name, values) for name, values in said.items() if values)


def _beside(columns: Sequence[str], counts: Mapping[str, Counter[str]]) -> list[str]:
    """Return the columns of 1 and 0 among the findings, and those next to them without another between."""
    names = list(counts)
    binary = [_is_binary(name, counts[name]) and not is_harmless(name) for name in names]
    first, last = names.index(columns[0]), names.index(columns[-1])
    while first > 0 and binary[first - 1]:
        first -= 1
    while last + 1 < len(names) and binary[last + 1]:
        last += 1
    return [
        name for name, wanted in zip(names[first : last + 1], binary[first : last + 1], strict=True) if wanted
    ]


def _said_of_normal(path: Path, rule: ByFindings, suspects: Sequence[str]) -> dict[str, Counter[str]]:
    """Count what some columns say of the images that the rule calls normal, but for what says no."""
    silent = {*ABSENT, *NOTHING}
    said: dict[str, Counter[str]] = {name: Counter() for name in suspects}
    for cells in rows(path, [*rule.columns, *([rule.clear] if rule.clear else []), *suspects]):
        if rule(cells) == "normal":
            for name in suspects:
                if cells[name].strip().lower() not in silent:
                    said[name][cells[name].strip()] += 1
    return said


def _doubt(path: Path, column: str, values: Counter[str]) -> Doubt:
    reason = (
        f"its column `{column}` may tell of a finding in {counted(values.total(), 'image')} that the columns of "
        f"findings call normal: {some(values)}"
    )
    remedy = "write 1, 0, -1 or nothing in it; rename it where it is no finding; or name one column with --label-column"
    return Doubt(kind="label_values", subject=str(path), reason=reason, remedy=remedy)


def _is_binary(name: str, values: Mapping[str, int]) -> bool:
    """Say whether a column holds nothing but 1 and 0, or words for them, and not nothing alone."""
    said = {value.lower() for value in values}
    numbered = any(sign.isdigit() for sign in VIRUS.sub("", name))
    return not numbered and said <= BINARY and (len(values) > 1 or bool(said & set(PRESENT)))


def _names_finding(name: str) -> bool:
    """Say whether a column of 0 and 1 is called after a finding; beside such columns `other` is one too."""
    return (meaning(name) == "abnormal" and not is_neutral(name)) or plain(name) in ("other", "others")
