"""An exported model says what the run says, or is not left."""

import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image

from artasyn.data_manifests.store.version import open_version
from artasyn.eval.cli import main
from artasyn.eval.prediction.predictor import Predictor
from artasyn.train.runs.run import open_run
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.seal import seal_run


@pytest.fixture(scope="module")
def traced(toy_run: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Return `toy_run` as an ONNX file, and the graph that torch made of it, which takes ten seconds."""
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package)
    from artasyn.eval.prediction.onnx_export import export_onnx

    model, graphs, export = tmp_path_factory.mktemp("exported") / "first.onnx", [], torch.onnx.export

    def kept(*arguments: Any, **options: Any) -> Any:
        graphs.append(export(*arguments, **options))
        return graphs[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("torch.onnx.export", kept)
        assert export_onnx(toy_run, model) < 1e-5
    return model, graphs[0]


@pytest.fixture
def exported(traced: tuple[Path, Any]) -> Path:
    return traced[0]


@pytest.fixture
def graph_at_hand(traced: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have torch give the graph of `toy_run` at once: what comes after it is tested."""
    monkeypatch.setattr("torch.onnx.export", lambda *_, **__: traced[1])


def read_images(store: str) -> NDArray[np.uint8]:
    version = open_version(store)
    return np.stack([version.read(row, channels=("image",))[0] for row in range(0, 50, 5)])


def test_a_model_is_called_onnx(toy_run: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["export", str(toy_run), str(tmp_path / "first.pt")])
    assert result.exit_code == 2
    assert "first.pt must end in .onnx" in result.output


@pytest.mark.usefixtures("graph_at_hand")
def test_a_model_that_differs_is_not_left(
    toy_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artasyn.eval.prediction.onnx_export.TOLERANCE", -1.0)
    result = CliRunner().invoke(main, ["export", str(toy_run), str(tmp_path / "first.onnx")])
    assert "differs from torch" in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("graph_at_hand")
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


def test_a_model_names_no_file_of_the_machine_that_made_it(exported: Path) -> None:
    assert b".py" not in exported.read_bytes()


def test_documented_example_runs_without_torch(
    exported: Path, toy_run: Path, evaluation_store: str, tmp_path: Path
) -> None:
    (tmp_path / "first.onnx").symlink_to(exported)
    image = open_version(evaluation_store).read(30, channels=("image",))[0]
    Image.fromarray(image).resize((24, 70)).save(tmp_path / "chest.png")  # one axis grows, one shrinks
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "without-torch.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    example += "\nimport sys\nassert 'torch' not in sys.modules"
    printed = subprocess.check_output([sys.executable, "-c", example], text=True, cwd=tmp_path)
    assert "not for diagnosis" in printed
    assert "threshold 0." in printed
    (expected,) = Predictor.load(toy_run).predict([tmp_path / "chest.png"])
    assert f"score {expected.score:.3f}," in printed
