"""Laws of missing truth: one class, no masks, empty masks; what cannot be known is told, never filled in."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from artasyn.data_manifests.errors import StoreError
from artasyn.eval.pages.report_page import write_report
from artasyn.eval.score import score
from tests.eval.scorings import QUICK


def test_one_class_is_refused(
    toy_run: Path, new_evaluation_store: Callable[..., str], tmp_path: Path
) -> None:
    store = new_evaluation_store(tmp_path / "store", normal=0)
    with pytest.raises(StoreError, match=r"abnormal images only: AUROC needs both classes.*--pixel-only"):
        score(toy_run, store, out=tmp_path, config=QUICK)
    report = score(toy_run, store, out=tmp_path, config=replace(QUICK, pixel_only=True)).report
    assert report["image_level"] == report["on_normals"] == {}
    assert report["pixel_level"]["run"]["dice_mean"]["value"] is not None
    assert "pixel level" in report["conventions"]
    assert "normal images" not in report["conventions"]


def test_missing_masks_are_never_filled_in(
    toy_run: Path, new_evaluation_store: Callable[..., str], tmp_path: Path
) -> None:
    store = new_evaluation_store(tmp_path / "store", masks=0)
    scored = score(toy_run, store, out=tmp_path, config=QUICK)
    write_report(scored)
    assert scored.report["pixel_level"] == {}
    assert "Pixel level against masks: no abnormal image has one." in scored.report["refused"]
    assert not {"empty mask", "pixel level", "pixel ranking", "lesion size"} & set(
        scored.report["conventions"]
    )
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
