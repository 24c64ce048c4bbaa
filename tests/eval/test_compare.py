"""Laws of comparing runs on the same images and the same resamples."""

from pathlib import Path

import pytest

from artasyn.data_manifests.errors import RunError
from artasyn.eval.compare import HIGHER_IS_BETTER, compare
from artasyn.eval.pages.compare_page import write_comparison
from artasyn.eval.score import ScoreConfig
from tests.eval.scorings import QUICK


def test_a_run_against_itself_differs_by_nothing(
    toy_run: Path, other_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    twin = tmp_path / "twin"
    twin.symlink_to(toy_run)
    copies = tmp_path / "copy"
    copies.mkdir()
    for entry in toy_run.iterdir():
        (copies / entry.name).symlink_to(entry)
    config = ScoreConfig(resamples=100)
    report = compare([toy_run, copies, other_run], evaluation_store, out=tmp_path / "out", config=config)
    same, other = report["runs"][1]["differences"], report["runs"][2]["differences"]
    for figure in same.values():
        assert (figure["value"], figure["low"], figure["high"], figure["better_in"]) == (0, 0, 0, 0.5)
    first, last = report["runs"][0]["figures"], report["runs"][2]["figures"]
    for name, figure in other.items():
        assert figure["value"] == pytest.approx(last[name]["value"] - first[name]["value"], abs=2e-6)
        better = figure["value"] > 0 if HIGHER_IS_BETTER[name] else figure["value"] < 0
        if figure["low"] > 0 or figure["high"] < 0:
            assert (figure["better_in"] > 0.5) == better
    with pytest.raises(RunError, match="takes two runs or more"):
        compare([toy_run], evaluation_store, out=tmp_path)
    with pytest.raises(RunError, match="same folder, or named alike"):
        compare([toy_run, toy_run], evaluation_store, out=tmp_path)


def test_paired_intervals_are_narrower_than_the_runs_own(
    toy_run: Path, other_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    report = compare([toy_run, other_run], evaluation_store, out=tmp_path, config=QUICK)
    first, second = report["runs"]
    name = "share_of_image"  # on which both runs vary with the same images
    width = second["differences"][name]["high"] - second["differences"][name]["low"]
    own = sum(run["figures"][name]["high"] - run["figures"][name]["low"] for run in (first, second))
    assert width < own


def test_the_page_says_better_or_worse_only_where_the_interval_leaves_out_zero(
    toy_run: Path, other_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    report = compare([toy_run, other_run], evaluation_store, out=tmp_path, config=QUICK)
    differences = report["runs"][1]["differences"]
    for figure in differences.values():
        figure |= {"value": 0.1, "low": -0.1, "high": 0.3, "better_in": 0.8}
    differences["auroc"] |= {"low": 0.05, "better_in": 0.99}
    differences["share_of_image"] |= {"low": 0.05, "better_in": 0.01}  # more is marked on normal images
    page = write_comparison(report, tmp_path).read_text(encoding="utf-8")
    assert page.count(">better +0.100<") == page.count(">worse +0.100<") == 1
    assert page.count(">+0.100<") == len(differences) - 2
    assert "chance that an abnormal image scores higher than a normal one" in page.split("<footer>")[0]
