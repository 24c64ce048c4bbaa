"""Laws of the further thresholds and of the table that holds normal images against those of the training."""

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from artasyn.eval.metrics.proportion import wilson
from artasyn.eval.pages.report_page import write_report
from artasyn.eval.pages.terminal import headline
from artasyn.eval.score import Scored, score
from artasyn.eval.summary.operating_points import operating_points
from artasyn.eval.summary.shift import shift
from artasyn.eval.summary.subgroups import in_order
from tests.eval.scorings import QUICK


@pytest.fixture(scope="module")
def scored(
    toy_run: Path, new_evaluation_store: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Scored:
    """Return a scoring of a store of 44 normal images of 22 patients."""
    folder = tmp_path_factory.mktemp("points")
    store = new_evaluation_store(folder / "store", first=5000, normal=44, ill=24, masks=22)
    return score(toy_run, store, out=folder / "report", config=QUICK)


def test_the_points_of_the_runs_own_rules_give_its_own_figures(scored: Scored) -> None:
    report, points = scored.report, scored.report["operating_points"]
    by_rule = {point["rule"]: point for point in points["pixel"] + points["image"]}
    own = by_rule["marked_0.05"]
    assert own["threshold"] == pytest.approx(report["run"]["thresholds"]["pixel"])
    assert own["dice_mean"] == report["pixel_level"]["run"]["dice_mean"]
    assert own["share_of_lungs"] == report["on_normals"]["run"]["share_of_lungs"]
    assert by_rule["specificity_0.95"]["sensitivity"] == report["image_level"]["run"]["sensitivity"]
    assert by_rule["marked_0.01"]["share_of_lungs"]["value"] <= own["share_of_lungs"]["value"]
    assert by_rule["cautious"]["threshold"] >= own["threshold"]


def test_the_page_names_the_best_synthetic_dice_where_it_is_a_threshold_of_its_own(scored: Scored) -> None:
    frozen = scored.run.thresholds.pixel
    for threshold, named in ((frozen, False), (0.987, True)):  # the frozen one, in its place: it needs no row
        report = copy.deepcopy(scored.report)
        first = report["operating_points"]["pixel"][0]
        points = [{**first, "rule": "marked_0.01"}, {**first, "rule": "cautious", "threshold": threshold}]
        report["operating_points"]["pixel"] = points
        page = write_report(replace(scored, report=report)).read_text()
        assert (">Best Dice on synthetic images<" in page) == named


def test_verdicts_add_up_and_give_the_four_shares(scored: Scored) -> None:
    counts, figures = scored.report["verdicts"], scored.report["image_level"]["run"]
    assert sum(counts.values()) == len(scored.table.cases)
    hits, misses = counts["abnormal_called_abnormal"], counts["abnormal_called_normal"]
    alarms, right = counts["normal_called_abnormal"], counts["normal_called_normal"]
    for name, share in (
        ("sensitivity", hits / (hits + misses)),
        ("specificity", right / (right + alarms)),
        ("ppv", hits / (hits + alarms) if hits + alarms else None),
        ("npv", right / (right + misses) if right + misses else None),
    ):
        assert figures[name]["value"] == (None if share is None else pytest.approx(share, abs=2e-6)), name


def test_more_normals_called_abnormal_than_in_training_are_warned_of_with_numbers(scored: Scored) -> None:
    normal = scored.table.score("run")[~scored.table.cases.abnormal]
    many = replace(scored.run.thresholds, specificity=0.95, normal_images=300)
    found = shift(scored.table, replace(many, image=float(normal.min())))
    assert (
        "100 % (95 % interval 85 % to 100 %) of the 44 of this store, 5 % of the 300 held" in found["warning"]
    )
    middle, upper = found["rows"][0]["quantiles"]["0.5"], found["rows"][0]["quantiles"]["0.75"]
    assert f"Half of the scores lie above {middle:.2f} here" in found["warning"]
    assert f"a quarter above {upper:.2f} and" in found["warning"]
    assert shift(scored.table, replace(many, image=1.0))["warning"] == ""


def test_no_warning_where_the_intervals_of_both_shares_meet(scored: Scored) -> None:
    normal = scored.table.score("run")[~scored.table.cases.abnormal]
    third = replace(scored.run.thresholds, specificity=0.95, image=float(np.quantile(normal, 0.67)))
    low = shift(scored.table, third)["rows"][0]["called_abnormal"]["low"]
    for held_out in (20, 30, 300):
        warned = shift(scored.table, replace(third, normal_images=held_out))["warning"]
        assert bool(warned) == (low > wilson(0.05, held_out)[1])
    assert 0.05 < low < wilson(0.05, 20)[1]


def test_few_held_out_images_are_too_few_to_compare(scored: Scored) -> None:
    lowest = replace(scored.run.thresholds, image=0.0, specificity=0.95)
    few, enough = (shift(scored.table, replace(lowest, normal_images=n)) for n in (19, 20))
    assert (few["warning"], enough["too_few"]) == ("", "")
    assert (
        "as in training: 44 here, 19 held out in training. Needed: 10 patients here, 20 held-out"
        in few["too_few"]
    )
    assert enough["warning"]
    assert any("Too few to say" in line for line in headline(scored.report))


def test_the_table_holds_every_part_and_the_training(scored: Scored) -> None:
    rows, training = scored.report["shift"]["rows"], scored.report["shift"]["training"]
    views = [row for row in rows if row["column"] == "view"]
    assert sum(row["images"] for row in views) == rows[0]["images"] == 44
    assert training["images"] == 3
    assert list(training["quantiles"].values()) == sorted(training["quantiles"].values())
    normal = scored.table.score("run")[~scored.table.cases.abnormal]
    assert rows[0]["quantiles"]["0.5"] == pytest.approx(np.median(normal), abs=1e-6)


def test_a_run_that_froze_fewer_points_is_still_read(scored: Scored) -> None:
    old = replace(scored.run.thresholds, pixel_at={}, image_at={}, normal_scores=())
    assert operating_points(scored.table, old, pixel_only=False) == {"pixel": [], "image": []}
    assert shift(scored.table, old)["training"]["quantiles"] == {}


def test_quarters_come_in_order_of_size() -> None:
    values = np.array(["43.5 to 56.2", "4 to 32", "(rare values)", "32 to 43.5", "", "4 to 32"])
    assert in_order(values) == ["4 to 32", "32 to 43.5", "43.5 to 56.2", "", "(rare values)"]
