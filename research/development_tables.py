"""The development tables of docs/results.md as Markdown, from reports of `artasyn-eval score`.

    artasyn-eval score runs/new stores/cq-val@v --report reports/new-cov
    artasyn-eval score runs/new stores/zl-val@v --report reports/new-zl
    artasyn-eval score runs/new stores/nih@v --report reports/new-nih
    python -m research.development_tables "default, seed 0"=reports/new-cov,reports/new-zl,reports/new-nih

Each argument is one column: a name and the folders of three reports, on COVID-QU-Ex val, ZhangLab val and the NIH
boxes, in this order. A folder left empty (`former=reports/cov,,`) gives dashes. Nothing is averaged: a figure stands in
the table as its report has it, with the 95 % interval over its patients or images.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

__all__ = ["PARTS", "ROWS", "Column", "figure_text", "read_column", "tables"]

Report = Mapping[str, Any]


class Column(NamedTuple):
    """One run: its name and its three reports; an empty report where none was given."""

    name: str
    covid: Report
    zhanglab: Report
    nih: Report


class Row(NamedTuple):
    """One figure: what it is called, whose report has it, where, and whether it is a share written in per cent."""

    title: str
    report: str
    path: tuple[str, ...]
    percent: bool = False


def _figures(title: str, report: str, level: str, names: Mapping[str, tuple[str, bool]]) -> list[Row]:
    rows = names.items()
    return [Row(f"{title}, {said}", report, (level, "run", key), percent) for key, (said, percent) in rows]


IMAGE = {
    "auroc": ("AUROC", False),
    "average_precision": ("average precision", False),
    "sensitivity": ("sensitivity at the frozen threshold", True),
    "specificity": ("specificity at the frozen threshold", True),
}
MARKED = {"share_of_lungs": ("falsely marked of the normal lungs", True)}
ROWS = [
    *_figures("COVID-QU-Ex val", "covid", "image_level", IMAGE),
    *_figures(
        "COVID-QU-Ex val",
        "covid",
        "pixel_level",
        {
            "dice_mean": ("mean Dice at the frozen threshold", False),
            "pixel_average_precision": ("pixel AP", False),
            "aupro_30": ("AUPRO to 30 %", False),
            "aupimo_wide": ("AUPIMO, wide", False),
        },
    ),
    *_figures("COVID-QU-Ex val", "covid", "on_normals", MARKED),
    *_figures("ZhangLab val", "zhanglab", "image_level", IMAGE),
    *_figures("ZhangLab val", "zhanglab", "on_normals", MARKED),
    *_figures("NIH boxes", "nih", "image_level", IMAGE),
    *_figures(
        "NIH boxes",
        "nih",
        "box_level",
        {
            "pointing_game": ("pointing game", False),
            "box_recall": ("box recall at the frozen threshold", False),
            "false_marks_an_image": ("false marks an image there", False),
            "froc_mean": ("FROC, mean", False),
            "box_ap_0.3": ("box AP at IoU 0.3", False),
        },
    ),
    *_figures("NIH boxes", "nih", "on_normals", MARKED),
]
PARTS = ("view", "sex", "age")
"""Columns of the NIH boxes by which its table is parted."""


def read_column(text: str) -> Column:
    """Read `NAME=COVID,ZHANGLAB,NIH`. Raises SystemExit where it is not of this form or a report is absent."""
    name, _, folders = text.rpartition("=")
    paths = [part.strip() for part in folders.split(",")]
    if not name or len(paths) != 3:
        raise SystemExit(f"{text}: give NAME=COVID,ZHANGLAB,NIH, three report folders, each may be empty")
    return Column(name, *(_report(path) for path in paths))


def tables(columns: Sequence[Column]) -> Iterator[str]:
    """Yield the lines of four tables: figures, Dice by lesion size, NIH by view, sex and age, frozen thresholds."""
    names = [column.name for column in columns]
    yield from _table(("figure", *names), ((row.title, *_cells(row, columns)) for row in ROWS))
    yield from _table(("COVID-QU-Ex val, Dice by share of the lungs", "images", *names), _sizes(columns))
    yield from _table(("NIH boxes by view, sex, age", "normal", "abnormal", *names), _parts(columns))
    yield from _table(("frozen for", "of", *names), _points(columns))


def _report(path: str) -> Report:
    if not path:
        return {}
    file = Path(path) / "report.json"
    if not file.is_file():
        raise SystemExit(f"{file}: is not there; give folders that `artasyn-eval score --report` wrote")
    report: Report = json.loads(file.read_text(encoding="utf-8"))
    return report


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    yield from ("| " + " | ".join(row) + " |" for row in rows)
    yield ""


def _cells(row: Row, columns: Sequence[Column]) -> list[str]:
    return [
        figure_text(_at(getattr(column, row.report), row.path), percent=row.percent) for column in columns
    ]


def _at(report: Any, path: Sequence[str]) -> Report | None:
    for key in path:
        report = report.get(key) if report else None
    found: Report | None = report
    return found


def figure_text(figure: Report | None, *, percent: bool = False) -> str:
    """Return a figure with its interval, a dash where there is none."""
    if not figure or figure["value"] is None:
        return "-"
    scale, digits, unit = (100, 1, " %") if percent else (1, 3, "")
    value, low, high = (figure[key] for key in ("value", "low", "high"))
    written = f"{scale * value:.{digits}f}{unit}"
    return written if low is None else f"{written} ({scale * low:.{digits}f}-{scale * high:.{digits}f})"


def _sizes(columns: Sequence[Column]) -> Iterator[Sequence[str]]:
    every = [column.covid.get("by_lesion_size", []) for column in columns]
    for k, part in enumerate(next((parts for parts in every if parts), [])):
        dice = [figure_text(parts[k]["dice_mean"]["run"]) if parts else "-" for parts in every]
        yield f"{100 * part['from']:.0f}-{100 * part['to']:.0f} %", str(part["images"]), *dice


def _parts(columns: Sequence[Column]) -> Iterator[Sequence[str]]:
    """Yield, for each part, AUROC inside it and the share of its normal images called abnormal."""
    for name in PARTS:
        every = [
            {p["value"]: p for p in column.nih.get("by_attribute", {}).get(name, [])} for column in columns
        ]
        called = [_called(column.nih, name) for column in columns]
        for value, part in next((parts for parts in every if parts), {}).items():
            cells = [
                f"{figure_text(parts[value]['auroc'])}; {figure_text(calls.get(value), percent=True)} called"
                if value in parts
                else "-"
                for parts, calls in zip(every, called, strict=True)
            ]
            yield f"{name} {value or 'not given'}", str(part["normal"]), str(part["abnormal"]), *cells


def _called(report: Report, name: str) -> dict[str, Report]:
    rows = report.get("shift", {}).get("rows", [])
    return {row["value"]: row["called_abnormal"] for row in rows if row["column"] == name}


def _points(columns: Sequence[Column]) -> Iterator[Sequence[str]]:
    """Yield what each frozen pixel threshold marks on normal lungs, and its mean Dice where there are masks."""
    for title, key in (("COVID-QU-Ex val", "covid"), ("ZhangLab val", "zhanglab"), ("NIH boxes", "nih")):
        every = [
            {p["rule"]: p for p in getattr(column, key).get("operating_points", {}).get("pixel", [])}
            for column in columns
        ]
        for rule in next((points for points in every if points), {}):
            cells = [_point(points.get(rule)) for points in every]
            yield rule, title, *cells


def _point(point: Report | None) -> str:
    if point is None:
        return "-"
    marked = f"{figure_text(point.get('share_of_lungs'), percent=True)} marked"
    return f"{marked}, Dice {figure_text(point['dice_mean'])}" if "dice_mean" in point else marked


@click.command(help=f"\b\n{__doc__}")
@click.argument("columns", nargs=-1, required=True)
def main(columns: Sequence[str]) -> None:
    print("\n".join(tables([read_column(text) for text in columns])))


if __name__ == "__main__":
    main()
