"""Every command and snippet on the pages runs, in the order of the page, on phantoms."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

from artasyn.synth.sources.phantom import draw_phantom, render_phantom
from tests.doc_pages import Session, blocks_of
from tests.rooms import ROOT

FIRST = ROOT / "docs" / "tutorials" / "first-hour.md"
FOLDERS = ("tutorials", "how-to", "concepts", "reference")
PAGES = [
    ROOT / "README.md",
    *(page for name in FOLDERS for page in sorted((ROOT / "docs" / name).glob("*.md"))),
]
EXCUSES = {
    "a drawing",
    "a page in the browser",
    "an example",
    "installs",
    "its own program",
    "needs a bucket",
    "needs a cluster",
    "needs another library",
    "takes minutes",
}
SIDE = 96


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder as a reader has it: own images, and what the first tutorial leaves."""
    folder = tmp_path_factory.mktemp("desk")
    for index in range(24):
        draw(folder / "normals" / f"{index:02}.png", seed=index)
    for index in range(8):
        ill = index % 2 == 1
        place = f"{'covid' if ill else 'normal'}/{index}.png"
        draw(folder / "test_set" / place, seed=100 + index, ill=ill)
        draw(folder / "clinic" / f"{index}.png", seed=200 + index, ill=ill)
        write_dicom(folder / "scans" / f"{index}.dcm", seed=300 + index)
    shutil.copy(folder / "clinic" / "1.png", folder / "chest.png")
    lungs = 255 * (
        render_phantom(draw_phantom(rng=np.random.default_rng(0), abnormal=False), size=SIDE).lungs > 0
    )
    (folder / "lung_masks").mkdir()
    Image.fromarray(lungs.astype(np.uint8)).save(folder / "lung_masks" / "00.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run(FIRST)
    return folder


def draw(path: Path, *, seed: int, ill: bool = False) -> None:
    """Write a phantom, and the mask of its lesions where it has some."""
    phantom = render_phantom(draw_phantom(rng=np.random.default_rng(seed), abnormal=ill), size=SIDE)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(phantom.image).save(path)
    if ill and "test_set" in path.parts:
        mask = path.parents[1] / "masks" / path.parent.name / path.name
        mask.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 * phantom.mask).save(mask)


def write_dicom(path: Path, *, seed: int) -> None:
    """Write a phantom as a DICOM file of a computed radiograph."""
    pixels = render_phantom(draw_phantom(rng=np.random.default_rng(seed), abnormal=False), size=SIDE).image
    meta = FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = (
        ExplicitVRLittleEndian,
        ComputedRadiographyImageStorage,
    )
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[str(seed)])
    scan = FileDataset(str(path), {}, file_meta=meta, preamble=bytes(128))
    scan.SOPClassUID, scan.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    scan.StudyInstanceUID, scan.SeriesInstanceUID = (
        generate_uid(entropy_srcs=[part, str(seed)]) for part in "ab"
    )
    scan.Modality, scan.PhotometricInterpretation, scan.ViewPosition = "CR", "MONOCHROME2", "PA"
    scan.Rows, scan.Columns = pixels.shape
    scan.SamplesPerPixel, scan.BitsAllocated, scan.BitsStored, scan.HighBit = 1, 8, 8, 7
    scan.PixelRepresentation, scan.PixelData = 0, pixels.tobytes()
    path.parent.mkdir(exist_ok=True)
    scan.save_as(path, enforce_file_format=True)


def run(page: Path) -> None:
    session = Session()
    for block in blocks_of(page):
        session.run(block)


@pytest.fixture
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("page", [page for page in PAGES if blocks_of(page) and page != FIRST], ids=name)
def test_what_a_page_tells_to_do_can_be_done(
    page: Path, desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(desk, tmp_path / "desk")
    monkeypatch.chdir(copy)
    run(page)


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_the_tour_runs_and_everything_shows_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    tour = (ROOT / "docs" / "tour.py").read_text(encoding="utf-8")
    quick = {
        "minutes = 1.0": "minutes = 0.05",
        "phantom:60": "phantom:24",
        "phantom:20": "phantom:6",
        '"256"': '"64"',
    }
    for said, meant in quick.items():
        assert said in tour
        tour = tour.replace(said, meant)
    names: dict[str, Any] = {}
    exec(compile(tour, "tour", "exec"), names)
    assert (tmp_path / "tour" / "scores.png").stat().st_size > 5_000
    for shown in (names["version"], names["prediction"], names["predictor"].run):
        assert "<table>" in shown._repr_html_()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_is_not_run_says_why(page: Path) -> None:
    assert {block.excuse for block in blocks_of(page)} - {""} <= EXCUSES
