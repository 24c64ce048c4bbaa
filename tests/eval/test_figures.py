"""Laws of the figures: an independent computation gives the same, each lies in its interval, all are counted."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, jaccard_score, roc_auc_score

from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.store.version import open_version
from artasyn.eval.metrics.bootstrap import Bootstrap
from artasyn.eval.pages.report_page import write_report
from artasyn.eval.score import score
from artasyn.eval.scoring.selection import select_images
from artasyn.train.runs.run import open_run
from tests.eval.scorings import QUICK, exact_maps


@pytest.fixture(scope="module")
def report(toy_run: Path, evaluation_store: str, tmp_path_factory: pytest.TempPathFactory) -> dict:  # type: ignore[type-arg]
    return score(toy_run, evaluation_store, out=tmp_path_factory.mktemp("scored"), config=QUICK).report


def test_every_part_of_the_calibration_is_large_enough_for_an_interval_or_has_none(report: dict) -> None:  # type: ignore[type-arg]
    parts = report["curves"]["calibration"]
    assert sum(part["images"] for part in parts) == report["images"]["scored"]
    assert min(part["images"] for part in parts) >= 10
    for part in parts:
        assert (part["low"] is None) == (part["high"] is None) == (part["groups"] < 10)


def test_figures_equal_an_independent_computation(
    report: dict,
    toy_run: Path,
    evaluation_store: str,  # type: ignore[type-arg]
) -> None:
    threshold = open_run(toy_run).thresholds.pixel
    table = open_version(evaluation_store).table
    abnormal, has_mask = table["label"] == "abnormal", table["has_mask"]
    scores, dices, ious, maps, truths, grey = [], [], [], [], [], []
    for row, anomaly, value, mask, image, lungs in exact_maps(toy_run, evaluation_store):
        scores.append(value)
        if has_mask[row]:
            marked = (anomaly >= threshold).ravel()
            dices.append(f1_score(mask.ravel(), marked, zero_division=1.0))
            ious.append(jaccard_score(mask.ravel(), marked, zero_division=1.0))
            maps.append(anomaly.ravel()), truths.append(mask.ravel()), grey.append((image * lungs).ravel())
    image_level, pixel_level = report["image_level"]["run"], report["pixel_level"]["run"]
    assert image_level["auroc"]["value"] == pytest.approx(roc_auc_score(abnormal, scores), abs=1e-6)
    assert image_level["average_precision"]["value"] == pytest.approx(
        average_precision_score(abnormal, scores), abs=1e-6
    )
    assert pixel_level["dice_mean"]["value"] == pytest.approx(np.mean(dices), abs=1e-6)
    assert pixel_level["dice_median"]["value"] == pytest.approx(np.median(dices), abs=1e-6)
    assert pixel_level["iou_mean"]["value"] == pytest.approx(np.mean(ious), abs=1e-6)
    pooled, truth = np.concatenate(maps), np.concatenate(truths)
    assert pixel_level["dice_pooled"]["value"] == pytest.approx(
        f1_score(truth, pooled >= threshold), abs=1e-6
    )
    assert pixel_level["pixel_auroc"]["value"] == pytest.approx(roc_auc_score(truth, pooled), abs=2e-3)
    reference = average_precision_score(truth, pooled)
    assert pixel_level["pixel_average_precision"]["value"] == pytest.approx(reference, abs=5e-3)
    reference = average_precision_score(truth, np.concatenate(grey))
    got = report["pixel_level"]["intensity"]["pixel_average_precision"]["value"]
    assert got == pytest.approx(reference, abs=1e-6)  # grey values have levels of their own


def test_oracle_dice_is_the_best_over_all_thresholds(
    report: dict,
    toy_run: Path,
    evaluation_store: str,  # type: ignore[type-arg]
) -> None:
    has_mask = open_version(evaluation_store).table["has_mask"]
    kept = [(a, m) for row, a, _, m, *_ in exact_maps(toy_run, evaluation_store) if has_mask[row]]
    best = max(
        np.mean([f1_score(m.ravel(), a.ravel() >= t, zero_division=1.0) for a, m in kept])
        for t in np.linspace(0.02, 0.98, 49)
    )
    figures = report["pixel_level"]["run"]
    assert figures["oracle_dice"]["value"] >= best - 1e-3
    assert figures["oracle_dice"]["value"] == pytest.approx(best, abs=0.02)
    assert figures["oracle_dice"]["value"] >= figures["dice_mean"]["value"] - 2e-3


def test_every_figure_lies_in_its_interval(report: dict) -> None:  # type: ignore[type-arg]
    seen = 0
    for section in ("image_level", "pixel_level", "on_normals"):
        for figures in report[section].values():
            for figure in (f for f in figures.values() if isinstance(f, dict) and f["groups"] >= 10):
                assert figure["low"] <= figure["value"] <= figure["high"]
                seen += 1
    assert seen > 25


def test_counts_tell_what_was_scored(report: dict) -> None:  # type: ignore[type-arg]
    images = report["images"]
    assert (images["scored"], images["normal"], images["abnormal"], images["annotated"]) == (50, 20, 30, 24)
    assert images["prevalence"] == 0.6
    assert images["patients_known"] == 50
    assert report["refused"] == ["Pixel level of 6 abnormal images: they have no mask."]
    assert sum(part["images"] for part in report["by_lesion_size"]) == 24
    assert [part["value"] for part in report["by_attribute"]["view"]] == ["AP", "PA"]
    assert report["pixel_level"]["found_lungs"]["images"] == 24
    assert report["pixel_level"]["human_lungs"]["images"] == 19  # every fifth has none


def test_what_is_marked_on_the_normals_of_each_part_adds_up(report: dict) -> None:  # type: ignore[type-arg]
    parts = [part for part in report["by_attribute"]["view"] if part["normal"]]
    marked = [part["share_of_normal_lungs_marked"]["value"] for part in parts]
    whole = report["on_normals"]["run"]["share_of_lungs"]["value"]
    assert np.average(marked, weights=[part["normal"] for part in parts]) == pytest.approx(whole, abs=1e-5)
    assert whole > 0


def test_images_csv_has_a_line_an_image(toy_run: Path, evaluation_store: str, tmp_path: Path) -> None:
    scored = score(toy_run, evaluation_store, out=tmp_path, config=QUICK)
    write_report(scored)
    with (tmp_path / "images.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 50
    dices = [float(line["dice_run"]) for line in lines if line["dice_run"]]
    assert np.mean(dices) == pytest.approx(
        scored.report["pixel_level"]["run"]["dice_mean"]["value"], abs=1e-6
    )
    assert {line["dice_run"] for line in lines if line["annotated"] == "0"} == {""}
    level = scored.report["pixel_level"]["run"]
    assert np.mean([d / (2 - d) for d in dices]) == pytest.approx(level["iou_mean"]["value"], abs=1e-5)
    hit, false, missed = (
        sum(int(line[f"{name}_pixels"] or 0) for line in lines)
        for name in ("true_positive", "false_positive", "false_negative")
    )
    pooled = 2 * hit / (2 * hit + false + missed)
    assert pooled == pytest.approx(level["dice_pooled"]["value"], abs=1e-6)


def test_images_csv_gives_intervals_and_parts_again(
    toy_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    scored = score(toy_run, evaluation_store, out=tmp_path, config=QUICK)
    write_report(scored)
    with (tmp_path / "images.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    groups = np.array([int(line["group"]) for line in lines])
    weights = Bootstrap(resamples=QUICK.resamples).weights(groups)
    annotated = np.array([line["annotated"] == "1" for line in lines])
    dices = np.array([float(line["dice_run"] or 0) for line in lines])[annotated]
    resampled = [np.average(dices, weights=w[annotated]) for w in weights[1:] if w[annotated].any()]
    low, high = np.quantile(resampled, [0.025, 0.975])
    told = scored.report["pixel_level"]["run"]["dice_mean"]
    assert (low, high) == pytest.approx((told["low"], told["high"]), abs=1e-5)
    for part in scored.report["by_attribute"]["view"]:
        among = [line["store_view"] == part["value"] for line in lines]
        assert sum(among) == part["normal"] + part["abnormal"]
    human = sum(line["lungs"] == "human" for line in lines)
    assert human == scored.report["images"]["with_human_lungs"]


def test_split_takes_a_part(toy_run: Path, evaluation_store: str, tmp_path: Path) -> None:
    report = score(toy_run, evaluation_store, out=tmp_path, config=replace(QUICK, split="val")).report
    assert report["images"]["scored"] == 25
    assert report["images"]["left_out"] == {"outside split val": 25}
    with pytest.raises(
        StoreError, match=r"holds no image to score: 50 outside split tset .did you mean `test`"
    ):
        score(toy_run, evaluation_store, out=tmp_path, config=replace(QUICK, split="tset"))


def test_synthetic_images_of_a_radiograph_are_resampled_together(training_store: str) -> None:
    cases = select_images(open_version(training_store), held_out=True)
    assert len(set(cases.groups)) == 3
    assert cases.groups[:3] == ("study 0",) * 3
    assert cases.variants[:3] == (0, 0, 1)
