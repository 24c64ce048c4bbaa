"""Laws of the comparisons' tables: a case done in the head, pairs of equal runs, groups, and the recipes left short."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from artasyn.data_manifests.config import read_toml
from research.bench import Bench
from research.head_to_head_table import _table, compare
from research.leave_one_kind_out import _score, _store
from research.places import _rows

BINS = 8


def judged(path: Path, score: list[float], **other: NDArray[np.generic] | list[object]) -> None:
    """Write what `research.judge` would of two normal and two abnormal images, each of twelve patients alike.

    Each abnormal one has four pixels marked by hand. So many patients leave no resample without both classes.
    """
    inside, outside = np.zeros((4, BINS), np.int32), np.zeros((4, BINS), np.int32)
    inside[2:, -1], outside[:, 0] = 4, 12
    arrays = {
        "score": score,
        "map_score": [0.1, 0.2, 0.3, 0.4],
        "abnormal": np.array([False, False, True, True]),
        "annotated": np.array([False, False, True, True]),
        "counts": [[0, 2, 0], [0, 0, 0], [4, 0, 0], [1, 1, 1]],
        "inside": inside,
        "outside": outside,
        "marked_of_lungs": [0.2, 0.0, 0.5, 0.5],
        "view": ["", "", "", ""],
        "sex": ["", "", "", ""],
        "image_threshold": 0.5,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    alike = {
        name: np.repeat(np.array(value), 12, axis=0) if np.ndim(value) else np.array(value)
        for name, value in arrays.items()
    }
    alike["group"] = np.array([str(patient) for patient in range(48)])
    np.savez(path, **(alike | {name: np.array(value) for name, value in other.items()}))


def test_a_case_done_in_the_head(tmp_path: Path) -> None:
    judged(tmp_path / "default-0-b.npz", [0.1, 0.2, 0.8, 0.9])
    judged(tmp_path / "nsa-in-lung-0-b.npz", [0.1, 0.5, 0.4, 0.9])
    found = compare(tmp_path, "default")["b"]
    ours, theirs = found["default"]["figures"], found["nsa-in-lung"]["figures"]
    assert ours["auroc"][0] == 1  # type: ignore[index]
    assert theirs["auroc"][0] == 0.75  # type: ignore[index]
    assert ours["dice"][0] == 0.75  # type: ignore[index]
    assert ours["pixel_ap"][0] == 1  # type: ignore[index]
    assert ours["marked"][0] == 0.1  # type: ignore[index]
    assert found["nsa-in-lung"]["ahead"]["auroc"][0] == 0.25  # type: ignore[index]


def test_equal_runs_are_never_ahead_of_each_other_and_seeds_are_averaged(tmp_path: Path) -> None:
    for name in ("default-0", "default-1", "twin-0", "twin-1"):
        judged(
            tmp_path / f"{name}-b.npz", [0.1, 0.2, 0.8, 0.9] if name.endswith("0") else [0.1, 0.5, 0.4, 0.9]
        )
    found = compare(tmp_path, "default")["b"]
    assert found["twin"]["seeds"] == 2
    assert found["default"]["figures"]["auroc"][0] == 0.875  # type: ignore[index]
    assert set(found["twin"]["ahead"].values()) == {(0, 0, 0)}  # type: ignore[attr-defined]
    assert "*" not in _table("b", found, "default")


def test_without_ours_there_is_no_comparison(tmp_path: Path) -> None:
    judged(tmp_path / "nsa-0-b.npz", [0.1, 0.2, 0.8, 0.9])
    assert not any(compare(tmp_path, "default").values())


def test_ours_stands_first_and_a_star_needs_an_interval_above_0(tmp_path: Path) -> None:
    judged(tmp_path / "default-0-a.npz", [0.1, 0.2, 0.8, 0.9])
    judged(tmp_path / "blind-0-a.npz", [0.1, 0.9, 0.1, 0.9])
    lines = _table("a", compare(tmp_path, "default")["a"], "default").splitlines()
    assert lines[4] == "| `default` | 1 | 1.000 (1.000-1.000) | 1.000 (1.000-1.000) |"
    assert lines[5].startswith("| `blind` | 1 | 0.500 (")
    assert lines[5].count("*") == 1


def test_the_mean_of_places_is_of_those_judged_in_all_and_its_images_are_drawn_apart(tmp_path: Path) -> None:
    for protocol in "abd":
        judged(tmp_path / f"default-0-{protocol}.npz", [0.1, 0.2, 0.8, 0.9])
        judged(tmp_path / f"blind-0-{protocol}.npz", [0.1, 0.9, 0.1, 0.9 if protocol == "a" else 0.05])
    judged(tmp_path / "half-0-a.npz", [0.1, 0.2, 0.8, 0.9])
    found = compare(tmp_path, "default")
    assert list(found["abd"]) == ["blind", "default"]
    mean = np.mean([found[protocol]["blind"]["figures"]["auroc"][0] for protocol in "abd"])  # type: ignore[index]
    value, low, high = found["abd"]["blind"]["figures"]["auroc"]  # type: ignore[index]
    assert value == pytest.approx(mean, abs=1e-4)
    _, one_low, one_high = found["b"]["blind"]["figures"]["auroc"]  # type: ignore[index]
    assert high - low < one_high - one_low


def test_groups_of_normals_are_judged_apart() -> None:
    found = {
        "score": np.array([0.9] * 5 + [0.1] * 5 + [0.1] * 10 + [0.8] * 2),
        "abnormal": np.array([False] * 20 + [True] * 2),
        "marked_of_lungs": np.array([0.5] * 10 + [0.0] * 12),
        "view": np.array(["PA"] * 10 + ["AP"] * 12),
        "sex": np.array(["F"] * 10 + ["M"] * 10 + [""] * 2),
        "image_threshold": np.array(0.5),
    }
    every, men, women = _rows("NIH", found)
    assert every == "NIH | 20 | 25.0 % | 25 % | 0.750 |"
    assert men == "NIH, AP, M | 10 | 0.0 % | 0 % | - |"
    assert women == "NIH, PA, F | 10 | 50.0 % | 50 % | - |"


def test_a_kind_left_out_has_no_weight_and_all_others_keep_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(Bench, "command", lambda _bench, line: lines.append(line))
    (tmp_path / "data" / "covid_qu_ex").mkdir(parents=True)
    (tmp_path / "data" / "covid_qu_ex" / "index.csv").write_text("file,cls\na.png,normal\nb.png,ill\n")
    bench = Bench(data=tmp_path / "data", out=tmp_path / "out")
    _store(bench, "no-patchy", {"lobar": 0.4, "effusion": 0.2}, limit=7)
    kinds = read_toml(tmp_path / "out" / "no-patchy.toml")["opacities"]["kinds"]
    assert {name: weight for name, weight in kinds.items() if weight} == {"lobar": 0.4, "effusion": 0.2}
    assert kinds["patchy"] == 0
    assert "--limit 7" in lines[0]
    assert (tmp_path / "out" / "covid_qu_ex.csv").read_text() == "file,class\na.png,normal\n"


def test_figures_are_read_from_a_report_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bench, "command", lambda *_: pytest.fail("it was scored already"))
    report = tmp_path / "reports" / "kinds-all-only-patchy@v"
    report.mkdir(parents=True)
    figures = {
        "pixel_level": {"run": {"dice_mean": {"value": 0.4}}},
        "image_level": {"run": {"auroc": {"value": 0.9}}},
    }
    (report / "report.json").write_text(json.dumps(figures))
    bench = Bench(data=tmp_path, out=tmp_path)
    assert _score(bench, Path("runs/kinds-all"), "stores/only-patchy@v") == {"dice": 0.4, "auroc": 0.9}
