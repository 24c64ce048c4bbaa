"""Laws of a scoring: right figures, the same bytes however it is run, and refusals by name."""

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, jaccard_score, roc_auc_score

from artasyn.data_manifests.errors import ConfigError, RunError, StoreError
from artasyn.data_manifests.store.version import open_version
from artasyn.eval.inference import infer
from artasyn.eval.pages.report_page import begin_report, write_report
from artasyn.eval.score import ScoreConfig, score
from artasyn.eval.scoring.selection import select_images
from artasyn.train.adaptation.adapt import adapt
from artasyn.train.adaptation.plan import plan_adapt
from artasyn.train.adaptation.self_training import AdaptConfig
from artasyn.train.runs.run import open_run
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.seal import seal_run
from artasyn.train.runtime.distributed import join_processes

QUICK = ScoreConfig(resamples=100)


@pytest.fixture(scope="module")
def report(toy_run: Path, evaluation_store: str, tmp_path_factory: pytest.TempPathFactory) -> dict:  # type: ignore[type-arg]
    return score(toy_run, evaluation_store, out=tmp_path_factory.mktemp("scored"), config=QUICK).report


def exact_maps(run_path: Path, store: str):  # type: ignore[no-untyped-def]
    """Yield row, map, score and the store's channels, one image at a time, straight from the run and the store."""
    run, version = open_run(run_path), open_version(store)
    for row in range(len(version)):
        image, mask, found, human = version.read(row, channels=("image", "mask", "lungs", "reference_lungs"))
        yield row, *infer(run, image), mask > 0, image, (human if human.any() else found) > 0


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


def test_bytes_do_not_depend_on_workers_or_on_being_stopped(
    toy_run: Path, evaluation_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    score(toy_run, evaluation_store, out=tmp_path / "plain", config=QUICK, page=begin_report)
    score(
        toy_run,
        evaluation_store,
        out=tmp_path / "spread",
        config=replace(QUICK, workers=2),
        page=begin_report,
    )
    pages = [(tmp_path / name / "report.html").read_bytes() for name in ("plain", "spread")]
    assert pages[0] == pages[1]
    blocks = sorted((tmp_path / "spread").rglob("*.npz"))
    blocks[0].write_bytes(blocks[0].read_bytes()[:100])  # a block cut short counts as not done
    again: list[tuple[int, int]] = []
    score(
        toy_run, evaluation_store, out=tmp_path / "spread", config=QUICK, progress=lambda *p: again.append(p)
    )
    assert again == [(50, 50)]
    monkeypatch.setattr("artasyn.eval.scoring.journal.BLOCK_IMAGES", 7)
    score(toy_run, evaluation_store, out=tmp_path / "small", config=QUICK)
    expected = (tmp_path / "plain" / "report.json").read_bytes()
    assert (tmp_path / "spread" / "report.json").read_bytes() == expected
    assert (tmp_path / "small" / "report.json").read_bytes() == expected


def test_a_finished_scoring_is_not_measured_again(
    toy_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    score(toy_run, evaluation_store, out=tmp_path, config=QUICK)
    calls: list[tuple[int, int]] = []
    score(toy_run, evaluation_store, out=tmp_path, config=QUICK, progress=lambda *p: calls.append(p))
    assert calls == []
    thresholds = json.loads((toy_run / "thresholds.json").read_text())
    moved = tmp_path / "moved"
    moved.mkdir()
    for entry in toy_run.iterdir():
        (moved / entry.name).symlink_to(entry)
    (moved / "thresholds.json").unlink()
    (moved / "thresholds.json").write_text(json.dumps(thresholds | {"pixel": thresholds["pixel"] / 2}))
    (moved / "digests.json").unlink()
    seal_run(RunFolder(moved))
    score(moved, evaluation_store, out=tmp_path, config=QUICK, progress=lambda *p: calls.append(p))
    assert calls  # another threshold is another measurement


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


def test_split_takes_a_part(toy_run: Path, evaluation_store: str, tmp_path: Path) -> None:
    report = score(toy_run, evaluation_store, out=tmp_path, config=replace(QUICK, split="val")).report
    assert report["images"]["scored"] == 25
    assert report["images"]["left_out"] == {"outside split val": 25}
    with pytest.raises(StoreError, match=r"holds no image to score .*outside split tset"):
        score(toy_run, evaluation_store, out=tmp_path, config=replace(QUICK, split="tset"))


def test_a_leak_is_an_error_unless_allowed(
    toy_run: Path, new_evaluation_store: Callable[..., str], tmp_path: Path
) -> None:
    store = new_evaluation_store(tmp_path / "store", first=14)  # images 14 and 15 were trained on
    with pytest.raises(StoreError, match=r"shares 2 of its 50 images .*normal/<0>.*--allow-leak") as caught:
        score(toy_run, store, out=tmp_path, config=QUICK)
    assert caught.value.kind == "leak"
    allowed = score(toy_run, store, out=tmp_path, config=replace(QUICK, allow_leak=True)).report
    assert allowed["leakage"] == {"exact": 2, "near": 0}


def test_images_adapted_to_are_a_leak_and_the_page_names_them(
    toy_run: Path, training_store: str, evaluation_store: str, tmp_path: Path
) -> None:
    out = tmp_path / "adapted"
    plan = plan_adapt(
        toy_run,
        evaluation_store,
        [training_store],
        out,
        config=AdaptConfig(steps=2),
        processes=join_processes("cpu"),
    )
    adapt(plan, watch=lambda _: None)
    with pytest.raises(StoreError, match=r"shares 50 of its 50 images"):
        score(out, evaluation_store, out=tmp_path / "refused", config=QUICK)
    scored = score(out, evaluation_store, out=tmp_path / "report", config=replace(QUICK, allow_leak=True))
    assert [store["unlabelled"] for store in scored.report["run"]["trained_on"]] == [False, True]
    page = write_report(scored).read_text()
    assert "(unlabelled images, marked by the run itself)" in page


def test_one_class_is_refused(
    toy_run: Path, new_evaluation_store: Callable[..., str], tmp_path: Path
) -> None:
    store = new_evaluation_store(tmp_path / "store", normal=0)
    with pytest.raises(StoreError, match=r"abnormal images only: AUROC needs both classes.*--pixel-only"):
        score(toy_run, store, out=tmp_path, config=QUICK)
    report = score(toy_run, store, out=tmp_path, config=replace(QUICK, pixel_only=True)).report
    assert report["image_level"] == report["on_normals"] == {}
    assert report["pixel_level"]["run"]["dice_mean"]["value"] is not None


def test_missing_masks_are_never_filled_in(
    toy_run: Path, new_evaluation_store: Callable[..., str], tmp_path: Path
) -> None:
    store = new_evaluation_store(tmp_path / "store", masks=0)
    scored = score(toy_run, store, out=tmp_path, config=QUICK)
    write_report(scored)
    assert scored.report["pixel_level"] == {}
    assert "Pixel level against masks: no abnormal image has one." in scored.report["refused"]
    ill = new_evaluation_store(tmp_path / "ill", masks=0, normal=0)
    with pytest.raises(StoreError, match="neither a mask nor a normal image"):
        score(toy_run, ill, out=tmp_path, config=replace(QUICK, pixel_only=True))
    with pytest.raises(StoreError, match=r"abnormal images only") as caught:
        score(toy_run, ill, out=tmp_path, config=QUICK)
    assert "--pixel-only" not in str(caught.value)  # it would not help


def test_normal_images_alone_tell_what_is_falsely_marked(
    toy_run: Path, new_evaluation_store: Callable[..., str], tmp_path: Path
) -> None:
    store = new_evaluation_store(tmp_path / "store", ill=0, masks=0)
    with pytest.raises(StoreError, match=r"normal images only.*--pixel-only"):
        score(toy_run, store, out=tmp_path, config=QUICK)
    scored = score(toy_run, store, out=tmp_path, config=replace(QUICK, pixel_only=True))
    assert scored.report["pixel_level"] == {}
    assert scored.report["on_normals"]["run"]["share_of_image"]["value"] is not None
    assert "Falsely marked" in write_report(scored).read_text()


def test_masks_without_a_mark_give_a_page(
    toy_run: Path, new_evaluation_store: Callable[..., str], tmp_path: Path
) -> None:
    store = new_evaluation_store(tmp_path / "store", empty=True)
    scored = score(toy_run, store, out=tmp_path, config=QUICK)
    assert scored.report["images"]["annotated_but_empty"] == 24
    assert scored.report["pixel_level"]["run"]["aupro_30"]["value"] is None
    assert "Where is the opacity?" in write_report(scored).read_text()


def test_held_out_studies_of_another_store_may_be_a_leak(
    toy_run: Path, training_store: str, tmp_path: Path
) -> None:
    other = shutil.copytree(toy_run, tmp_path / "other")
    stores = json.loads((other / "store.json").read_text())
    (other / "store.json").write_text(json.dumps([stores[0] | {"digest": "beef"}]))
    seal_run(RunFolder(other))
    with pytest.raises(StoreError, match="shares 9 of its 9 images"):
        score(other, training_store, out=tmp_path, config=replace(QUICK, held_out=True))
    mixed = shutil.copytree(toy_run, tmp_path / "mixed")
    seen = (mixed / "training_images.csv").read_text()
    first = seen.splitlines()[1]
    assert first.endswith(",0")  # held out, as this store has it; another of the run's stores trains on it
    (mixed / "training_images.csv").write_text(seen.replace(first, first[:-1] + "1"))
    seal_run(RunFolder(mixed))
    with pytest.raises(StoreError, match="shares 3 of its 9 images"):
        score(mixed, training_store, out=tmp_path, config=replace(QUICK, held_out=True))
    with pytest.raises(ConfigError, match="has no meaning beside held_out"):
        replace(QUICK, held_out=True, split="val")


def test_synthetic_images_of_a_radiograph_are_resampled_together(training_store: str) -> None:
    cases = select_images(open_version(training_store), held_out=True)
    assert len(set(cases.groups)) == 3
    assert cases.groups[:3] == ("study 0",) * 3
    assert cases.variants[:3] == (0, 0, 1)


def test_images_made_square_in_another_way_are_refused(
    toy_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    padded = shutil.copytree(toy_run, tmp_path / "padded")
    stores = json.loads((padded / "store.json").read_text())
    (padded / "store.json").write_text(json.dumps([stores[0] | {"squaring": "pad"}]))
    seal_run(RunFolder(padded))
    with pytest.raises(StoreError, match=r"by `squeeze`, those of the training by `pad`.*--squaring pad"):
        score(padded, evaluation_store, out=tmp_path, config=QUICK)


def test_a_training_store_is_refused_unless_its_held_out_part_is_asked_for(
    toy_run: Path, training_store: str, evaluation_store: str, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match=r"is a training store of synthetic opacities.*--held-out"):
        score(toy_run, training_store, out=tmp_path, config=QUICK)
    with pytest.raises(StoreError, match="has no held-out studies"):
        score(toy_run, evaluation_store, out=tmp_path, config=replace(QUICK, held_out=True))
    report = score(toy_run, training_store, out=tmp_path, config=replace(QUICK, held_out=True)).report
    assert (report["images"]["normal"], report["images"]["abnormal"]) == (3, 6)
    frozen = open_run(toy_run).thresholds
    assert report["pixel_level"]["run"]["dice_mean"]["value"] == pytest.approx(frozen.held_out_dice, abs=1e-3)


def test_a_run_without_thresholds_is_refused(toy_run: Path, evaluation_store: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    for entry in toy_run.iterdir():
        if entry.name != "thresholds.json":
            (run / entry.name).symlink_to(entry)
    with pytest.raises(RunError, match=r"has no thresholds\.json"):
        score(run, evaluation_store, out=tmp_path, config=QUICK)


def test_nonsense_is_refused(toy_run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must be at least 0, got -1"):
        ScoreConfig(workers=-1)
    with pytest.raises(StoreError, match="holds no committed version"):
        score(toy_run, str(tmp_path / "nowhere"), out=tmp_path)
    with pytest.raises(RunError, match="is not a folder"):
        score(tmp_path / "nowhere", str(tmp_path), out=tmp_path)


def test_another_contract_is_refused(
    toy_run: Path, new_evaluation_store: Callable[..., str], tmp_path: Path
) -> None:
    store = Path(new_evaluation_store(tmp_path / "store"))
    (document,) = [path for path in store.glob("*/zarr.json") if "contract" in path.read_text()]
    text = json.loads(document.read_text())
    text["attributes"]["contract"] = 99
    document.write_text(json.dumps(text))
    with pytest.raises(StoreError, match="follows store contract 99"):
        score(toy_run, str(store), out=tmp_path, config=QUICK)


def test_images_of_another_size_are_refused(
    toy_run: Path, evaluation_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    larger = replace(open_run(toy_run), size=64)
    monkeypatch.setattr("artasyn.eval.score.open_run", lambda _: larger)
    with pytest.raises(
        RunError, match=r"reads images of 64 px, but the store's are 32 px \(ingest .*--size 64"
    ):
        score(toy_run, evaluation_store, out=tmp_path, config=QUICK)
