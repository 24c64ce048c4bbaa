"""Laws of the smaller parts: leak check, published arithmetic, baselines, comparison, export, memory, commands."""

import json
import re
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image
from torchmetrics.segmentation import DiceScore

from artasyn.data_manifests.errors import RunError
from artasyn.data_manifests.near_duplicates import find_leaks
from artasyn.data_manifests.store.version import open_version
from artasyn.eval.cli import main
from artasyn.eval.compare import HIGHER_IS_BETTER, compare
from artasyn.eval.metrics.bootstrap import Bootstrap
from artasyn.eval.metrics.histogram import LEVELS
from artasyn.eval.metrics.published_protocol import published_counts, published_figures, visited
from artasyn.eval.prediction.predictor import Predictor
from artasyn.eval.score import ScoreConfig
from artasyn.eval.scoring.baselines import brighter_half, intensity_map, mean_intensity
from artasyn.eval.scoring.journal import BLOCK_IMAGES, Journal
from artasyn.eval.scoring.pixel_pool import BLOCKS, pool
from artasyn.eval.summary.subgroups import _quarters
from artasyn.train.runs.run import open_run
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.seal import seal_run


def test_leaks_exact_near_and_unknown() -> None:
    rng = np.random.default_rng(0)
    trained = rng.integers(0, 2, 256)
    hashes = []
    for flips in (0, 0, 12, 13, 128):
        bits = trained.copy()
        bits[rng.choice(256, flips, replace=False)] ^= 1
        hashes.append(np.packbits(bits).tobytes().hex())
    leakage = find_leaks(
        ["a", "b", "c", "d", "e", ""],
        [*hashes, ""],
        trained_digests=["a", "x", ""],
        trained_hashes=["0" * 64, "", hashes[0]],
    )
    assert leakage.exact.tolist() == [0]
    assert leakage.near.tolist() == [1, 2]


def test_short_hashes_must_be_equal() -> None:
    trained = {"trained_digests": [], "trained_hashes": ["00000000000000ff"]}
    near = find_leaks(["a", "b"], ["00000000000000ff", "00000000000000fe"], **trained).near
    assert near.tolist() == [0]
    assert find_leaks(["a"], ["00000000000000ff"], trained_digests=[], trained_hashes=[]).near.size == 0


def test_published_loader_reads_only_as_many_diseased_as_there_are_normals() -> None:
    abnormal = np.r_[np.zeros(234, bool), np.ones(390, bool)]
    seen = visited(abnormal)
    assert len(seen) == 624
    assert len(np.unique(seen[abnormal[seen]])) == 234  # of 390, as in the published evaluation of ZhangLab
    assert len(np.unique(visited(~abnormal))) == 624  # with more normals than diseased nothing is lost


@pytest.mark.filterwarnings("ignore:DiceScore metric currently defaults")
def test_published_dice_equals_torchmetrics() -> None:
    rng = np.random.default_rng(0)
    maps = (rng.random((8, 16, 16)) ** 4).astype(np.float32) * 0.4
    truths = rng.random((8, 16, 16)) < 0.2
    truths[:4] = False
    abnormal = np.r_[np.zeros(4, bool), np.ones(4, bool)]
    metric = DiceScore(num_classes=2, include_background=False, average="micro")
    counts = []
    for anomaly, truth in zip(maps, truths, strict=True):
        counts.append(published_counts(anomaly, truth, truth_known=True))
        marked = torch.from_numpy(anomaly >= max(0.03, 0.2 * float(anomaly.max())))
        metric.update(marked[None, None].int(), torch.from_numpy(truth)[None, None].int())
    got = published_figures(np.stack(counts), abnormal)
    assert got["dice"] == pytest.approx(metric.compute().item(), abs=1e-6)
    assert counts[0][0] == pytest.approx(np.mean(maps[0].astype(float) ** 2))


def test_published_arithmetic_takes_a_missing_mask_for_all_ones() -> None:
    anomaly, empty = np.full((4, 4), 0.5, np.float32), np.zeros((4, 4), bool)
    assert published_counts(anomaly, empty, truth_known=False)[1:].tolist() == [16, 0, 0]
    assert published_counts(anomaly, empty, truth_known=True)[1:].tolist() == [0, 16, 0]
    assert published_counts(0.02 * anomaly, empty, truth_known=True)[2] == 0  # below the floor of 0.03


def test_baselines_done_in_the_head() -> None:
    image = np.array([[10, 20], [30, 250]], np.uint8)
    lungs = np.array([[True, True], [True, False]])
    assert brighter_half(image, lungs).tolist() == [[False, False], [True, False]]  # median 20
    assert not brighter_half(image, np.zeros((2, 2), bool)).any()
    np.testing.assert_allclose(intensity_map(image, lungs), np.array([[10, 20], [30, 0]]) / 255)
    assert mean_intensity(image) == pytest.approx(310 / 4 / 255)


def test_a_run_against_itself_differs_by_nothing(
    toy_run: Path, other_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    twin = tmp_path / "twin"
    twin.symlink_to(toy_run)
    copies = tmp_path / "copy"
    copies.mkdir()
    for entry in toy_run.iterdir():
        (copies / entry.name).symlink_to(entry)
    config = ScoreConfig(resamples=100)
    report = compare([toy_run, copies, other_run], evaluation_store, out=tmp_path / "out", config=config)
    same, other = report["runs"][1]["differences"], report["runs"][2]["differences"]
    for figure in same.values():
        assert (figure["value"], figure["low"], figure["high"], figure["better_in"]) == (0, 0, 0, 0.5)
    first, last = report["runs"][0]["figures"], report["runs"][2]["figures"]
    for name, figure in other.items():
        assert figure["value"] == pytest.approx(last[name]["value"] - first[name]["value"], abs=2e-6)
        better = figure["value"] > 0 if HIGHER_IS_BETTER[name] else figure["value"] < 0
        if figure["low"] > 0 or figure["high"] < 0:
            assert (figure["better_in"] > 0.5) == better
    with pytest.raises(RunError, match="takes two runs or more"):
        compare([toy_run], evaluation_store, out=tmp_path)
    with pytest.raises(RunError, match="same folder, or named alike"):
        compare([toy_run, toy_run], evaluation_store, out=tmp_path)


def test_paired_intervals_are_narrower_than_the_runs_own(
    toy_run: Path, other_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    report = compare([toy_run, other_run], evaluation_store, out=tmp_path, config=ScoreConfig(resamples=100))
    first, second = report["runs"]
    name = "share_of_image"  # on which both runs vary with the same images
    width = second["differences"][name]["high"] - second["differences"][name]["low"]
    own = sum(run["figures"][name]["high"] - run["figures"][name]["low"] for run in (first, second))
    assert width < own


def test_memory_of_pooling_does_not_grow_with_the_images(tmp_path: Path) -> None:
    def peak(images: int) -> int:
        journal = Journal(folder=tmp_path / str(images), images=images)
        flat = np.ones((2, LEVELS), np.int32)
        one = {"positives": flat, "negatives": flat, "regions": flat.astype(float)}
        for block in range(journal.blocks):
            journal.write(block, [one] * len(journal.members(block)))
        weights = Bootstrap(resamples=100).weights(np.arange(images))
        tracemalloc.start()
        (pooled,) = pool(journal, np.ones(images, bool), weights, methods=[0])
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert pooled.positives[0].sum() == images * LEVELS
        return highest

    few, many = peak(2 * BLOCKS * BLOCK_IMAGES), peak(8 * BLOCKS * BLOCK_IMAGES)
    assert many < 1.1 * few


@pytest.fixture(scope="module")
def exported(toy_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return `toy_run` as an ONNX file."""
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package)
    from artasyn.eval.prediction.onnx_export import export_onnx

    model = tmp_path_factory.mktemp("exported") / "first.onnx"
    assert export_onnx(toy_run, model) < 1e-5
    return model


def read_images(store: str) -> NDArray[np.uint8]:
    version = open_version(store)
    return np.stack([version.read(row, channels=("image",))[0] for row in range(0, 50, 5)])


@pytest.mark.usefixtures("exported")  # skips where there is no onnx
def test_a_model_that_differs_is_not_left(
    toy_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artasyn.eval.prediction.onnx_export.TOLERANCE", -1.0)
    result = CliRunner().invoke(main, ["export", str(toy_run), str(tmp_path / "first.onnx")])
    assert "differs from torch" in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("exported")  # skips where there is no onnx
def test_a_model_that_onnxruntime_refuses_is_a_sentence_with_the_releases(
    toy_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class RefusedError(Exception):
        """As onnxruntime's: of no class but Exception."""

    def session(*_: object, **__: object) -> None:
        raise RefusedError("[ONNXRuntimeError] : 1 : FAIL : opset 27 is not known\nat schema.cc:12")

    monkeypatch.setattr("onnxruntime.InferenceSession", session)
    result = CliRunner().invoke(main, ["export", str(toy_run), str(tmp_path / "first.onnx")])
    assert isinstance(result.exception, SystemExit)
    assert (
        "onnxruntime cannot run the file: [ONNXRuntimeError] : 1 : FAIL : opset 27 is not known"
        in result.output
    )
    assert f"torch {version('torch')}" in result.output
    assert "pip install --upgrade" in result.output
    assert "schema.cc" not in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("exported")  # skips where there is no onnx
def test_exported_maps_and_their_scores_agree_with_torch(
    toy_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    from artasyn.eval.prediction.onnx_export import export_onnx, parity

    run = Path(shutil.copytree(toy_run, tmp_path / "run"))
    config = json.loads((run / "config.json").read_text())
    config["score"] |= {"head": 0.0, "distance": 0.0}
    (run / "config.json").write_text(json.dumps(config))
    seal_run(RunFolder(run))
    model = tmp_path / "maps.onnx"
    assert export_onnx(run, model) < 1e-5
    assert parity(model, open_run(run), read_images(evaluation_store)) < 1e-5


def test_exported_graph_agrees_with_torch_on_images(
    exported: Path, toy_run: Path, evaluation_store: str
) -> None:
    import onnxruntime

    from artasyn.eval.prediction.onnx_export import parity

    model, run = exported, open_run(toy_run)
    images = read_images(evaluation_store)
    # Toy features hardly vary among normal images: the distance blows their rounding up. Radiographs stay below 1e-5.
    assert parity(model, run, images) < 1e-4
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    anomaly, mask, score, abnormal = session.run(None, {"image": images[:, None]})  # any number of images
    assert anomaly.shape == mask.shape == images.shape
    np.testing.assert_array_equal(mask > 0, anomaly >= np.float32(run.thresholds.pixel))
    np.testing.assert_array_equal(abnormal > 0, score >= np.float32(run.thresholds.image))
    metadata = session.get_modelmeta().custom_metadata_map
    assert float(metadata["pixel_threshold"]) == run.thresholds.pixel
    assert metadata["size"] == "32"
    assert "not for diagnosis" in metadata["notice"]


def test_score_command_prints_figures_and_writes_the_report(
    toy_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    arguments = ["score", str(toy_run), evaluation_store, "--report", str(tmp_path), "--resamples", "100"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "  AUROC  " in result.output
    assert json.loads((tmp_path / "report.json").read_text())["protocol"] == "artasyn"
    assert (tmp_path / "report.html").is_file()


def test_compare_command_writes_one_table(
    toy_run: Path, other_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    arguments = [
        "compare",
        str(toy_run),
        str(other_run),
        evaluation_store,
        "--out",
        str(tmp_path),
        "--resamples",
        "100",
    ]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    said, page = result.output, (tmp_path / "compare.html").read_text()
    assert (
        0
        <= said.index(f"{other_run.name} minus {toy_run.name}")
        < said.index(f"\n{toy_run.name} (pretrained")
    )
    assert 0 <= page.index(f"Differences to {toy_run.name}") < page.index("Each run's own figures")
    assert f"artasyn-eval compare {toy_run.name} {other_run.name}" in page
    assert "--resamples 100" in page


def test_what_was_trained_on_is_said_by_both_commands(
    toy_run: Path, other_run: Path, new_evaluation_store: Callable[..., str], tmp_path: Path
) -> None:
    store = new_evaluation_store(tmp_path / "store", first=14)  # images 14 and 15 were trained on
    options = ["--resamples", "100", "--allow-leak"]
    said = CliRunner().invoke(main, ["score", str(toy_run), store, "--report", str(tmp_path / "s"), *options])
    assert "2 images were trained on" in said.output
    both = ["compare", str(toy_run), str(other_run), store, "--out", str(tmp_path / "c"), *options]
    assert "was trained on 2 of these images" in CliRunner().invoke(main, both).output
    report = json.loads((tmp_path / "c" / "compare.json").read_text())
    assert [run["leakage"]["exact"] for run in report["runs"]] == [2, 2]
    assert "was trained on 2 of these images" in (tmp_path / "c" / "compare.html").read_text()


def test_reports_of_several_questions_do_not_replace_each_other(
    toy_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    run = shutil.copytree(toy_run, tmp_path / "run")
    for options in ([], ["--split", "val"], ["--pixel-only"]):
        arguments = ["score", str(run), evaluation_store, "--resamples", "100", *options]
        assert CliRunner().invoke(main, arguments).exit_code == 0
    assert sorted(path.name for path in (run / "scores").iterdir()) == [
        "store",
        "store-pixel-only",
        "store-split-val",
    ]


def test_quarters_of_a_column_keep_their_numbers_apart() -> None:
    years = [str(1995 + k) for k in range(26)]
    assert _quarters(years)[0] == "1995 to 2001"
    dates = [str(20190101 + k) for k in range(25)]
    assert len(set(_quarters(dates))) == 4
    fine = [f"{1 + k * 1e-7:.7f}" for k in range(24)]
    assert len(set(_quarters(fine))) == 4
    notes = ["0"] * 16 + [f"free text {k}" for k in range(28)]
    assert _quarters(notes) == notes


def test_library_errors_become_one_sentence(toy_run: Path, training_store: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["score", str(toy_run), training_store, "--report", str(tmp_path)])
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(main, [command, "--help"])
    assert f"artasyn-eval {command} " in result.output.split("Example:")[1]


def test_help_loads_nothing_heavy() -> None:
    code = """import sys, artasyn.eval.cli
print({'torch', 'scipy', 'jinja2', 'matplotlib', 'onnx', 'zarr'} & set(sys.modules))"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


def test_documented_example_runs_without_torch(
    exported: Path, toy_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    (tmp_path / "first.onnx").symlink_to(exported)
    image = open_version(evaluation_store).read(30, channels=("image",))[0]
    Image.fromarray(image).resize((24, 70)).save(tmp_path / "chest.png")  # one axis grows, one shrinks
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "without-torch.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    example += "\nimport sys\nassert 'torch' not in sys.modules"
    printed = subprocess.check_output([sys.executable, "-c", example], text=True, cwd=tmp_path)
    assert "not for diagnosis" in printed
    assert "threshold 0." in printed
    (expected,) = Predictor.load(toy_run).predict([tmp_path / "chest.png"])
    assert f"score {expected.score:.3f}," in printed
