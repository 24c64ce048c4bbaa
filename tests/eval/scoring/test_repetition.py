"""Laws of repetition: the same bytes whatever the workers, blocks and interruptions; nothing is measured twice."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from artasyn.eval.pages.report_page import begin_report
from artasyn.eval.score import score
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.seal import seal_run
from tests.eval.scorings import QUICK


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
