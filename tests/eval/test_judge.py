"""Laws of judging a run image by image: every pixel counts once, scores are those of `infer`, nothing is done twice."""

from pathlib import Path

import numpy as np

from artasyn.data_manifests.store.version import open_version
from artasyn.eval.inference import infer
from artasyn.eval.scoring.selection import select_images
from artasyn.train.runs.run import open_run
from research.judge import judge
from tests.eval.conftest import SIZE


def test_every_pixel_is_counted_once_and_scores_are_the_runs(
    toy_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    judge(toy_run, evaluation_store, tmp_path / "judged.npz")
    found, version = np.load(tmp_path / "judged.npz"), open_version(evaluation_store)
    cases = select_images(version)
    assert found["image_id"].tolist() == list(cases.image_ids)
    assert (found["inside"].sum(axis=1) + found["outside"].sum(axis=1) == SIZE**2).all()
    true, _, missed = found["counts"].T
    assert (true + missed == found["inside"].sum(axis=1)).all()
    assert (true[~found["abnormal"]] == 0).all()
    assert ((found["marked_of_lungs"] >= 0) & (found["marked_of_lungs"] <= 1)).all()
    image = version.read(int(cases.rows[0]), channels=("altered",))[0]
    assert found["score"][0] == infer(open_run(toy_run), image)[1]


def test_what_is_judged_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "judged.npz").write_bytes(b"mine")
    judge(Path("no run"), "no store", tmp_path / "judged.npz")
    assert (tmp_path / "judged.npz").read_bytes() == b"mine"
