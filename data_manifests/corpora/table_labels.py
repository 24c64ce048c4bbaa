"""Which columns of an undeclared table tell the label, and what their values say."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from artasyn.data_manifests.corpora.by_hand import ByHand
from artasyn.data_manifests.corpora.csv_tables import header, rows
from artasyn.data_manifests.corpora.label_rules import ByClass, ByFindings, Label
from artasyn.data_manifests.corpora.label_words import is_number, meaning, parts_of, plain
from artasyn.data_manifests.corpora.table_columns import has_column, named_columns, profile
from artasyn.data_manifests.corpora.table_findings import finding_columns, overlooked, says_normal_by_one
from artasyn.data_manifests.corpora.text_files import layout_of
from artasyn.data_manifests.corpora.understood import Doubt, counted, some
from artasyn.data_manifests.corpora.vocabulary import bare, names_a_person

__all__ = ["LabelRule", "label_rule", "likely_labels"]

WEAK = frozenset(["kind", "category", "condition", "status", "result", "outcome", "impression", "y"])
"""Names of label columns that are as often something else: where no value is understood, they are left alone."""
GRADES = frozenset(["score", "grade", "grading", "severity", "stage", "rating", "scores"])
"""Words of columns that grade a disease."""
PRESENCE = frozenset(["present", "presence", "ispresent"])
"""Columns that say by 0 or 1 whether the finding named beside them is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRule:
    """How a table tells its labels."""

    by: Mapping[str, Any]
    """What `Source` takes for it."""
    columns: frozenset[str] = frozenset()
    named: str = ""
    """The one column that says in words what is there; its value names the findings of boxes."""
    sentence: str
    doubts: tuple[Doubt, ...] = ()


def label_rule(path: Path, names: list[str], hand: ByHand) -> LabelRule:
    """Return how a table tells its labels by columns among `names`. Raises CorpusError for a column not there."""
    if hand.label_column:
        has_column(path, hand.label_column, header(path))
        values = profile(path, [hand.label_column])[hand.label_column]
        return _by_column(path, hand.label_column, values, hand)
    usable = [name for name in names if _tells(name)]
    counts = profile(path, usable)
    named = named_columns(usable, "label")
    known = {name: _understood_values(counts[name]) for name in named}
    whole = next((name for name in named if counts[name] and known[name] == set(counts[name])), "")
    columns, clear = finding_columns(counts)
    if whole and whole not in (clear, *columns) and not hand.normal:
        has_column(path, whole, names)
        rule = _by_column(path, whole, counts[whole], hand)
        return replace(rule, doubts=rule.doubts + _disagreements(path, whole, counts, hand))
    if columns and not hand.normal:
        return _by_findings(path, columns, clear, counts, hand)
    partly = next((name for name in named if known[name] or hand.normal), "") or next(
        (name for name in named if bare(name) not in WEAK and set(counts[name]) - {""}), ""
    )
    if partly:
        return _by_column(path, partly, counts[partly], hand)
    return _by_folder(path, named, usable)


def _disagreements(
    path: Path, chosen: str, counts: Mapping[str, Counter[str]], hand: ByHand
) -> tuple[Doubt, ...]:
    """Return a doubt for each other column that tells labels too, and others than the chosen one."""
    doubts = []
    others = [*named_columns(list(counts), "label"), *(name for name in counts if bare(name) in PRESENCE)]
    for other in others:
        values = counts[other]
        if other == chosen or not values or _understood_values(values) != set(values):
            continue
        rule = {value: _label(value, other, values, hand) for value in values}
        pairs = [
            (cells[chosen].strip(), cells[other].strip())
            for cells in rows(path, [chosen, other])
            if _contradict(
                _label(cells[chosen].strip(), chosen, counts[chosen], hand),
                rule[cells[other].strip()],
                specific=is_number(cells[other]) and bare(other) not in PRESENCE,
            )
        ]
        if pairs:
            first, second = pairs[0]
            reason = (
                f"its columns `{chosen}` and `{other}` disagree in {counted(len(pairs), 'row')}, "
                f"such as `{some([first])}` and `{some([second])}`"
            )
            remedy = "mend them, or say which one counts with --label-column"
            doubts.append(Doubt(kind="label_values", subject=str(path), reason=reason, remedy=remedy))
    return tuple(doubts)


def _contradict(chosen: Label | None, other: Label | None, *, specific: bool) -> bool:
    """Say whether two columns contradict each other; the 0 of one finding says nothing of others (`specific`)."""
    return (chosen, other) == ("normal", "abnormal") or (
        (chosen, other) == ("abnormal", "normal") and not specific
    )


def _understood_values(values: Counter[str]) -> set[str]:
    return {value for value in values if value and meaning(value)} | ({""} & set(values))


def _by_column(path: Path, column: str, values: Counter[str], hand: ByHand) -> LabelRule:
    labels = {value: _label(value, column, values, hand) for value in values}
    of = {
        label: tuple(v for v in values if labels[v] == label)
        for label in ("normal", "abnormal", "unlabelled")
    }
    unknown = [value for value in values if labels[value] is None]
    said = [f"{label} {_counted(of[label], values)}" for label in of if of[label]]
    doubts: tuple[Doubt, ...] = ()
    if unknown:
        rows = sum(values[value] for value in unknown)
        reason = f"column `{column}` holds values that are not understood ({counted(rows, 'row')}): {some(unknown)}"
        remedy = "say which values are normal with --normal VALUE,VALUE; all others are abnormal then"
        if layout_of(path).encoding == "cp1252" and not all(value.isascii() for value in unknown):
            remedy += "; letters that look odd: save the table as UTF-8"
        doubts = (Doubt(kind="label_values", subject=str(path), reason=reason, remedy=remedy),)
    rule = ByClass(
        column=column,
        normal=of["normal"],
        abnormal=of["abnormal"] or ("(none)",),
        neither=(*of["unlabelled"], *unknown),
    )
    return LabelRule(
        by={"by_class": rule},
        columns=frozenset([column]),
        named="" if all(is_number(value) for value in values if value) else column,
        sentence=f"column {column}: {'; '.join(said)}" if said else f"column {column}: nothing understood",
        doubts=doubts,
    )


def _counted(chosen: tuple[str, ...], values: Counter[str]) -> str:
    ordered = sorted(chosen, key=lambda value: -values[value])
    return some(f"{value or '(empty)'} ({values[value]:,})" for value in ordered)


def _label(value: str, column: str, values: Counter[str], hand: ByHand) -> Label | None:
    if hand.normal:
        normal = {plain(word) or word.strip() for word in hand.normal}
        parts = parts_of(value)
        if (plain(value) or value) in normal or (parts and all(plain(part) in normal for part in parts)):
            return "normal"
        return "unlabelled" if meaning(value) == "unlabelled" else "abnormal"
    if value.strip() == "-" and "+" not in map(str.strip, values):
        return None  # nothing found, or nothing known
    label = meaning(value)
    if label and label != "unlabelled" and says_normal_by_one(column, values):
        return "abnormal" if label == "normal" else "normal"
    return label


def _by_findings(
    path: Path, columns: list[str], clear: str, counts: Mapping[str, Counter[str]], hand: ByHand
) -> LabelRule:
    rule = ByFindings(columns=tuple(columns), clear=clear, mentioned=not clear)
    normal = (
        f"{clear} is 1 and none of {len(columns)} findings"
        if clear
        else f"all of {len(columns)} findings are 0"
    )
    sentence = f"columns of findings: normal where {normal}; abnormal where one is 1: {some(columns)}"
    return LabelRule(
        by={"by_findings": rule},
        columns=frozenset([*columns, clear]),
        sentence=sentence,
        doubts=overlooked(path, rule, counts, known=hand.keep_columns),
    )


def _by_folder(path: Path, named: list[str], usable: list[str]) -> LabelRule:
    reason = "has no column that is understood as the label"
    likely = likely_labels(usable)
    remedy = (
        f"name it with --label-column: {some(dict.fromkeys([*named, *likely] or usable))}; or say --assume-normal"
        if usable
        else "add a column `label`, or say --assume-normal"
    )
    return LabelRule(
        by={"label": "unlabelled"},
        sentence=f"none: no column is understood ({remedy})",
        doubts=(Doubt(kind="no_label", subject=str(path), reason=reason, remedy=remedy),),
    )


def likely_labels(names: Iterable[str]) -> list[str]:
    """Return the columns that may tell of health by a word of their names, whatever stands in them."""
    found = []
    for name in filter(_tells, names):
        words = plain(name).split()
        if (
            meaning(name)
            or GRADES & set(words)
            or any(named_columns(words, role) for role in ("label", "mask", "boxes"))
        ):
            found.append(name)
    return found


def _tells(name: str) -> bool:
    """Say whether a column may tell the label: what tells who somebody is never is one."""
    return bool(name) and not set(name) & set("{}:") and not names_a_person(name)
