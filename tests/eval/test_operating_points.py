"""Laws of the further thresholds and of the table that holds normal images against those of the training."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from artasyn.eval.score import ScoreConfig, Scored, score
from artasyn.eval.summary.operating_points import operating_points
from artasyn.eval.summary.shift import shift
from artasyn.eval.summary.subgroups import in_order


@pytest.fixture(scope="module")
def scored(
    toy_run: Path, new_evaluation_store: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Scored:
    """Return a scoring of a store of 44 normal images of 22 patients."""
    folder = tmp_path_factory.mktemp("points")
    store = new_evaluation_store(folder / "store", first=5000, normal=44, ill=24, masks=22)
    return score(toy_run, store, out=folder / "report", config=ScoreConfig(resamples=100))


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


def test_normals_that_score_higher_are_warned_of(scored: Scored) -> None:
    table, thresholds = scored.table, scored.run.thresholds
    normal = table.score("run")[~table.cases.abnormal]
    low = replace(thresholds, image=float(normal.min()))
    found = shift(table, replace(low, specificity=0.95))
    assert "score higher than those of the training: 100% of them" in found["warning"]
    assert found["rows"][0]["called_abnormal"]["value"] == 1.0
    high = replace(thresholds, image=1.0, specificity=0.95)
    assert shift(table, high)["warning"] == ""


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
