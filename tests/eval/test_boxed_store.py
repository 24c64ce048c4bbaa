"""Laws of scoring a store with boxes and findings: figures, page, resuming, and what has neither stays as it was."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from artasyn.data_manifests.images.run_lengths import encode_runs
from artasyn.data_manifests.store.contract import Row
from artasyn.eval.compare import compare
from artasyn.eval.metrics.boxes import fill_boxes
from artasyn.eval.pages.report_page import write_report
from artasyn.eval.pages.terminal import headline
from artasyn.eval.score import ScoreConfig, Scored, score
from tests.eval.conftest import draw_chest, write_version
from tests.eval.scorings import QUICK


def write_boxed(folder: Path, *, normal: int = 14, ill: int = 16) -> str:
    """Write chests whose discs have a box, filled as their mask; half are named Mass, a quarter show Edema."""
    rows, samples = [], []
    for k in range(normal + ill):
        drawn = draw_chest(3000 + k, ill=k >= normal)
        image, mask = drawn["bright"], drawn["mask"] > 0
        places = np.argwhere(mask)
        boxes, record = [], {}
        if mask.any():
            (top, left), (bottom, right) = places.min(0), places.max(0) + 1
            boxes = [[float(left), float(top), float(right - left), float(bottom - top)]]
            boxes[0] += ["Mass"] * (k % 2)
            record = {"findings": {"Edema": encode_runs(mask)}} if k % 4 == 0 else {}
        filled = np.zeros_like(image)
        filled[fill_boxes(np.array([box[:4] for box in boxes]).reshape(-1, 4), image.shape)] = 1
        samples.append(np.stack([image, image, 0 * image, filled, filled, drawn["lungs"], 0 * image]))
        rows.append(
            Row(
                image_id=f"{k}.png",
                study=k,
                variant=0,
                label="abnormal" if k >= normal else "normal",
                status="ok",
                pixels_sha256=f"{3000 + k:064x}",
                has_mask=k >= normal,
                boxes=json.dumps(boxes),
                record=json.dumps(record),
            )
        )
    return write_version(folder, rows, samples, slots=1, kind="evaluation")


@pytest.fixture(scope="module")
def scored(toy_run: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Scored, Path]:
    """Return a scoring of a store with boxes, and its folder."""
    folder = tmp_path_factory.mktemp("boxed")
    out = folder / "report"
    found = score(toy_run, write_boxed(folder / "store"), out=out, config=QUICK)
    return found, out


def test_boxes_and_findings_are_scored(scored: tuple[Scored, Path]) -> None:
    report = scored[0].report
    boxes, cases = report["box_level"], scored[0].table.cases
    assert boxes["boxes"] == boxes["images"] == int(cases.boxed.sum()) == 16
    figures = boxes["run"]
    for name in ("pointing_game", "energy_inside", "box_recall", "froc_1", "box_ap_0.1"):
        assert 0 <= figures[name]["value"] <= 1, name
        assert figures[name]["low"] <= figures[name]["value"] <= figures[name]["high"] + 1e-9, name
    rising = [figures[f"froc_{rate:g}"]["value"] for rate in (0.125, 0.25, 0.5, 1, 2, 4, 8)]
    falling = [figures[f"box_ap_{least:g}"]["value"] for least in (0.1, 0.2, 0.3, 0.4, 0.5, 0.75)]
    assert rising == sorted(rising)
    assert falling == sorted(falling, reverse=True)
    assert figures["froc_mean"]["value"] == pytest.approx(np.mean(rising), abs=1e-5)
    named = {part["finding"]: part for part in report["by_finding"]}
    assert {name: part["images"] for name, part in named.items()} == {"Edema": 4, "Mass": 8}
    assert 0 <= named["Mass"]["iou_mean"]["value"] <= named["Mass"]["dice_mean"]["value"] <= 1


def test_filled_boxes_score_as_masks_of_the_same_pixels_do(scored: tuple[Scored, Path]) -> None:
    report = scored[0].report
    for method, figures in report["box_level"]["filled"].items():
        assert figures.items() <= report["pixel_level"][method].items(), method
    assert {"run", "intensity", "found_lungs", "brighter_half"} <= report["box_level"]["filled"].keys()


def test_page_and_terminal_tell_of_boxes(scored: tuple[Scored, Path]) -> None:
    page = write_report(scored[0]).read_text()
    for words in ("Does it find the boxes?", "Pointing game", "filled boxes", "By finding", "FROC"):
        assert words in page, words
    lines = "\n".join(headline(scored[0].report))
    assert "pointing game" in lines.lower()


def test_a_comparison_tells_of_boxes_what_each_score_does(
    scored: tuple[Scored, Path], toy_run: Path, other_run: Path, tmp_path: Path
) -> None:
    config = ScoreConfig(resamples=100)
    first, second = compare(
        [toy_run, other_run], str(scored[1].parent / "store"), out=tmp_path, config=config
    )["runs"]
    alone = scored[0].report["box_level"]["run"]
    for name in ("pointing_game", "box_recall", "false_marks_an_image", "froc_mean", "box_ap_0.5"):
        assert first["figures"][name] == alone[name], name
        assert name in second["differences"], name


def test_a_store_without_boxes_keeps_no_statistics_of_them(
    toy_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    found = score(toy_run, evaluation_store, out=tmp_path, config=QUICK)
    assert found.report["box_level"] == {}
    assert found.report["by_finding"] == []
    with np.load(next((tmp_path / "journal").rglob("*.npz"))) as columns:
        assert not [name for name in columns if "box" in name or "finding" in name]


def test_images_csv_gives_the_figures_on_boxes_again(scored: tuple[Scored, Path]) -> None:
    found, out = scored
    write_report(found)
    with (out / "images.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    figures = found.report["box_level"]["run"]
    boxed = [line for line in lines if line["label"] == "abnormal"]
    searched = [line for line in lines if line["false_marks"]]

    def total(name: str, among: list[dict[str, str]]) -> float:
        return sum(float(line[name]) for line in among)

    recall = total("boxes_found", boxed) / total("boxes", boxed)
    assert recall == pytest.approx(figures["box_recall"]["value"], abs=1e-6)
    cost = total("false_marks", searched) / len(searched)
    assert cost == pytest.approx(figures["false_marks_an_image"]["value"], abs=1e-6)
    for name in ("pointing_game", "energy_inside"):
        assert total(name, boxed) / len(boxed) == pytest.approx(figures[name]["value"], abs=1e-6)
