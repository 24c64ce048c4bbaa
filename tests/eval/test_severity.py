"""The rank correlation with a column: as scipy has it, with intervals that cover the truth."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from artasyn.data_manifests.errors import ConfigError
from artasyn.eval.pages.report_page import write_report
from artasyn.eval.pages.terminal import headline
from artasyn.eval.score import score
from artasyn.eval.scoring.selection import Selection
from artasyn.eval.summary.severity import severity
from tests.eval.scorings import QUICK


def graded(cases: Selection, numbers: list[str], *, column: str = "extent") -> Selection:
    """Return the cases with one more column."""
    pairs = zip(cases.attributes, numbers, strict=True)
    return replace(cases, attributes=tuple({**old, column: text} for old, text in pairs))


def test_equals_scipy_over_the_images_with_a_number(
    toy_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    table = score(toy_run, evaluation_store, out=tmp_path, config=QUICK).table
    numbers = np.random.default_rng(0).integers(0, 8, len(table.cases)).astype(float)
    texts = ["" if k % 7 == 0 else f"{value}" for k, value in enumerate(numbers)]
    found = severity(replace(table, cases=graded(table.cases, texts)), "extent")
    kept = np.array([text != "" for text in texts]) & table.has_lungs
    assert found["images"] == kept.sum()
    assert found["without_a_number"] == texts.count("")
    for name, values in (
        ("marked_share_of_lungs", table.marked_share_of_lungs("run")),
        ("image_score", table.score("run")),
    ):
        expected = spearmanr(values[kept], numbers[kept]).statistic
        assert found["spearman"][name]["value"] == pytest.approx(expected, abs=1e-6)
        assert found["spearman"][name]["low"] <= expected <= found["spearman"][name]["high"]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [(("none",), "has no column"), (("view",), "holds 0 numbers"), (("view", "view"), "twice")],
)
def test_a_column_without_numbers_is_refused_before_any_work(
    toy_run: Path, evaluation_store: str, tmp_path: Path, columns: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(ConfigError, match=reason):
        score(toy_run, evaluation_store, out=tmp_path / "r", config=replace(QUICK, severity=columns))
    assert not (tmp_path / "r").exists()


def test_terminal_page_and_json_tell_each_column(
    toy_run: Path, evaluation_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import artasyn.eval.score as module

    select = module.select_images

    def selected(*given: object, **named: object) -> Selection:
        cases = select(*given, **named)
        rising = [str(i) for i in range(len(cases))]
        return graded(graded(cases, rising), ["", *rising[:0:-1]], column="zone_a")

    monkeypatch.setattr(module, "select_images", selected)
    config = replace(QUICK, severity=("extent", "zone_a"))
    scored = score(toy_run, evaluation_store, out=tmp_path, config=config)
    told, page = "\n".join(headline(scored.report)), write_report(scored).read_text()
    assert "rank correlation with extent (50 images)" in told
    assert "rank correlation with zone_a (49 images)" in told
    assert "Is more marked where disease is more severe?" in page
    assert "<td>49<small>of 50</small></td>" in page
    rows = json.loads((tmp_path / "report.json").read_text())["severity"]
    assert [row["column"] for row in rows] == ["extent", "zone_a"]
    assert scored.report["options"][-2:] == ["--severity extent", "--severity zone_a"]
