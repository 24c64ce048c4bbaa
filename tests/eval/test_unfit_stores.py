"""Laws of refusal: a store or run that does not fit the other is refused with the remedy."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from artasyn.data_manifests.errors import ConfigError, RunError, StoreError
from artasyn.eval.score import ScoreConfig, score
from artasyn.train.runs.run import open_run
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.seal import seal_run
from tests.eval.scorings import QUICK


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
    with pytest.raises(StoreError, match="holds no version"):
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
