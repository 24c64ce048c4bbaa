"""Laws of leaks: images that the run has seen are refused, whether trained on, adapted to or held out elsewhere."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from artasyn.data_manifests.errors import ConfigError, StoreError
from artasyn.eval.pages.report_page import write_report
from artasyn.eval.score import score
from artasyn.train.adaptation.adapt import adapt
from artasyn.train.adaptation.plan import plan_adapt
from artasyn.train.adaptation.self_training import AdaptConfig
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.seal import seal_run
from artasyn.train.runtime.distributed import join_processes
from tests.eval.scorings import QUICK


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
