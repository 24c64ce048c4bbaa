"""Thresholds of a place: what their rules say holds on its images, and no frozen figure moves."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.store.version import open_version
from artasyn.eval.inference import infer
from artasyn.eval.pages.report_page import write_report
from artasyn.eval.pages.terminal import headline
from artasyn.eval.score import Scored, score
from artasyn.train.runs.run import open_run
from artasyn.train.scoring.thresholds import predicted_mask
from tests.eval.scorings import QUICK

Write = Callable[..., str]


@pytest.fixture(scope="module")
def place(new_evaluation_store: Write, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a store of 44 normal images of 22 patients, and six abnormal ones."""
    folder = tmp_path_factory.mktemp("place") / "hospital"
    return new_evaluation_store(folder, first=90000, normal=44, ill=6, masks=0, patients="q")


@pytest.fixture(scope="module")
def scored(
    toy_run: Path, evaluation_store: str, place: str, tmp_path_factory: pytest.TempPathFactory
) -> Scored:
    out = tmp_path_factory.mktemp("recalibrated") / "report"
    return score(toy_run, evaluation_store, out=out, config=replace(QUICK, recalibrate=place))


@pytest.fixture(scope="module")
def learnt(scored: Scored) -> dict[str, Any]:
    found: dict[str, Any] = scored.report["recalibrated"]
    return found


def test_no_frozen_figure_moves(scored: Scored, toy_run: Path, evaluation_store: str, tmp_path: Path) -> None:
    plain = score(toy_run, evaluation_store, out=tmp_path, config=QUICK).report
    told = dict(scored.report)
    assert told.pop("recalibrated")
    assert told.pop("options") == ["--resamples 100", "--recalibrate hospital"]
    assert plain.pop("options") == ["--resamples 100"]
    assert told == plain


def test_rules_hold_on_the_images_that_they_were_learnt_from(
    learnt: dict[str, Any], toy_run: Path, place: str
) -> None:
    """Each is the lowest threshold that does: one step lower, and its rule is broken."""
    run, version = open_run(toy_run), open_version(place)
    normal = [row for row in range(len(version)) if version.table["label"][row] == "normal"]
    found = [infer(run, version.read(row, channels=("image",))[0]) for row in normal]
    lungs = [version.read(row, channels=("lungs", "reference_lungs")) > 0 for row in normal]
    lungs_of = [human if human.any() else own for own, human in lungs]
    assert len(learnt["image"]) > 1 < len(learnt["pixel"])
    for point in learnt["image"]:
        share = float(point["rule"].removeprefix("specificity_"))
        below = [
            sum(value < at for _, value in found)
            for at in (point["threshold"] + 1e-6, point["threshold"] - 1e-5)
        ]
        # at the next lower score one image less lies below
        assert below[0] >= share * len(normal) - 1e-9 > below[1] - 1, point["rule"]
    for point in learnt["pixel"]:
        share = float(point["rule"].removeprefix("marked_"))
        marked = [
            sum(predicted_mask(a, at)[inside].mean() for (a, _), inside in zip(found, lungs_of, strict=True))
            for at in (point["threshold"], point["threshold"] - 0.001)
        ]
        assert marked[0] <= share * len(normal) + 1e-9 < marked[1] + 1e-9, point["rule"]


def test_what_was_learnt_from_is_told(learnt: dict[str, Any], scored: Scored) -> None:
    assert (learnt["normal"], learnt["unlabelled"], learnt["left_out"]) == (44, 0, {"abnormal": 6})
    assert learnt["store"].startswith("hospital@")
    assert "labelled normal" in learnt["assumption"]
    text = "\n".join(headline(scored.report))
    assert "at thresholds learnt from 44 normal and 0 unlabelled images of hospital@" in text
    page = write_report(scored).read_text()
    assert "At thresholds learnt from images of the place" in page
    assert "--resamples 100 --recalibrate hospital" in page


def test_unlabelled_images_are_taken_as_normal_and_said_to_be(
    toy_run: Path, evaluation_store: str, new_evaluation_store: Write, learnt: dict[str, Any], tmp_path: Path
) -> None:
    """The same images without labels give the same thresholds."""
    store = new_evaluation_store(
        tmp_path / "s", first=90000, normal=44, ill=0, patients="q", label="unlabelled"
    )
    config = replace(QUICK, recalibrate=store)
    found = score(toy_run, evaluation_store, out=tmp_path / "r", config=config).report["recalibrated"]
    assert (found["normal"], found["unlabelled"]) == (0, 44)
    assert "taken as normal" in found["assumption"]
    assert (found["pixel"], found["image"]) == (learnt["pixel"], learnt["image"])
    with pytest.raises(StoreError, match=r"44 without a label .ingest a folder `normal` beside .*`label`"):
        score(toy_run, store, out=tmp_path / "none", config=QUICK)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"first": 1000, "normal": 40}, "scored as well"),
        ({"first": 70000, "normal": 40, "patients": "p"}, "of a patient who is scored"),
        ({"first": 70000, "normal": 19}, "has 19 images to learn thresholds from, 20 are needed"),
    ],
)
def test_scored_images_and_patients_have_no_say(
    toy_run: Path,
    evaluation_store: str,
    new_evaluation_store: Write,
    tmp_path: Path,
    changes: dict[str, Any],
    reason: str,
) -> None:
    store = new_evaluation_store(tmp_path / "s", **({"ill": 0, "patients": "q"} | changes))
    with pytest.raises(StoreError, match=reason) as refused:
        score(toy_run, evaluation_store, out=tmp_path / "r", config=replace(QUICK, recalibrate=store))
    assert refused.value.kind == "few"


def test_a_training_store_has_no_images_of_a_place(
    toy_run: Path, evaluation_store: str, training_store: str, tmp_path: Path
) -> None:
    config = replace(QUICK, recalibrate=training_store)
    with pytest.raises(StoreError, match="is a training store"):
        score(toy_run, evaluation_store, out=tmp_path / "r", config=config)
