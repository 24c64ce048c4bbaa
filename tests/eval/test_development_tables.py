"""The development tables: what stands in a report stands in the table, and what is absent is a dash."""

import json
from pathlib import Path

import pytest

from research.development_tables import read_column, tables


def figure(value: float, low: float | None = None, high: float | None = None) -> dict[str, float | None]:
    return {"value": value, "low": low, "high": high}


@pytest.fixture
def covid(tmp_path: Path) -> Path:
    point = {"rule": "marked_0.02", "share_of_lungs": figure(0.018), "dice_mean": figure(0.517)}
    report = {
        "image_level": {"run": {"auroc": figure(0.9194, 0.894, 0.942)}},
        "on_normals": {"run": {"share_of_lungs": figure(0.041, 0.027, 0.058)}},
        "by_lesion_size": [
            {"from": 0.0, "to": 0.25, "images": 55, "dice_mean": {"run": figure(0.339, 0.277, 0.406)}}
        ],
        "operating_points": {"pixel": [point], "image": []},
    }
    (tmp_path / "report.json").write_text(json.dumps(report))
    return tmp_path


def test_figures_of_a_report_stand_in_the_table(covid: Path) -> None:
    lines = list(tables([read_column(f"new={covid},,")]))
    assert "| COVID-QU-Ex val, AUROC | 0.919 (0.894-0.942) |" in lines
    assert "| COVID-QU-Ex val, falsely marked of the normal lungs | 4.1 % (2.7-5.8) |" in lines
    assert "| 0-25 % | 55 | 0.339 (0.277-0.406) |" in lines
    assert "| marked_0.02 | COVID-QU-Ex val | 1.8 % marked, Dice 0.517 |" in lines


def test_an_absent_report_gives_dashes_beside_one_that_is_there(covid: Path) -> None:
    lines = list(tables([read_column("old=,,"), read_column(f"new={covid},,")]))
    assert "| COVID-QU-Ex val, AUROC | - | 0.919 (0.894-0.942) |" in lines
    assert "| NIH boxes, AUROC | - | - |" in lines


@pytest.mark.parametrize("text", ["covid,zl,nih", "new=covid,zl", "new=nowhere,,"])
def test_a_column_that_cannot_be_read_says_why(text: str) -> None:
    with pytest.raises(SystemExit, match=r"three report folders|is not there"):
        read_column(text)
