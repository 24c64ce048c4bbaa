"""What an id promises: machine faults and changed files stop a build; no row tells where the corpus lies."""

import errno
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from artasyn.data_manifests.errors import CorpusError, MachineError
from artasyn.data_manifests.images import file_bytes
from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.data_manifests.store.contract import Kind
from artasyn.synth.build.shards import shard_tasks
from artasyn.synth.cli import main
from artasyn.synth.config import load_config
from artasyn.synth.sources.source import open_source
from tests.synth.build.builds import SIZE, built, plan_of


@pytest.fixture
def radiographs(tmp_path: Path) -> Path:
    """Write a corpus with everything that is left out by name, and a table that names files which are not there."""
    folder = tmp_path / "radiographs"
    (folder / "masks").mkdir(parents=True)
    source = open_source("phantom:2")
    for number, radiograph in enumerate(source.radiographs[:2]):
        Image.fromarray(source.read_image(radiograph)).save(folder / f"p{number}.png")
    (folder / "broken.png").write_bytes((folder / "p0.png").read_bytes()[:400])
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.png").write_text("no image")
    shutil.copy(folder / "p0.png", folder / "masked.png")
    Image.new("L", (8, 8)).save(folder / "masks" / "mask.png")
    Image.fromarray(np.zeros((64, 64), np.float32)).save(folder / "float.tif")
    names = ("p0.png", "p1.png", "broken.png", "empty.png", "text.png", "masked.png", "float.tif", "gone.png")
    rows = [f"{name},normal,{'masks/mask.png' if name == 'masked.png' else ''}" for name in names]
    rows += ["../p0.png,normal,", "/etc/x.png,normal,", "p1.png,normal,masks/gone.png"]
    (folder / "index.csv").write_text("\n".join(["image,label,mask", *rows]))
    return folder


@pytest.mark.parametrize("kind", ["synthetic", "evaluation"])
def test_bytes_and_ids_do_not_depend_on_where_the_corpus_lies(
    radiographs: Path, tmp_path: Path, kind: Kind
) -> None:
    shutil.copytree(radiographs, tmp_path / "elsewhere" / "radiographs")
    places = (radiographs, tmp_path / "elsewhere" / "radiographs")
    versions = [
        built(plan_of(place / "index.csv", kind=kind), tmp_path / f"store{number}")
        for number, place in enumerate(places)
    ]
    assert versions[0].id == versions[1].id
    assert versions[0].attributes["digest"] == versions[1].attributes["digest"]
    assert {"rejected", "ok"} <= set(map(str, versions[0].table["status"]))
    for column in versions[0].table.values():
        assert not [cell for cell in column.tolist() if str(tmp_path) in str(cell)]


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.ENOMEM, errno.EMFILE])
def test_a_read_that_fails_once_changes_nothing_and_one_that_keeps_failing_stops_the_build(
    radiographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    plan = plan_of(radiographs)
    expected = built(plan, tmp_path / "undisturbed").attributes["digest"]
    really, failures = file_bytes.open_regular, [OSError(number, "failed")]

    def fail(path: Path) -> object:
        if path.name == "p1.png" and failures:
            raise failures[0] if len(failures) > 1 else failures.pop()
        return really(path)

    monkeypatch.setattr(file_bytes, "WAITS", (0.0,))
    monkeypatch.setattr(file_bytes, "open_regular", fail)
    assert built(plan, tmp_path / "once").attributes["digest"] == expected
    failures += [OSError(number, "failed")] * 2
    with pytest.raises(MachineError, match=r"p1\.png: cannot be read.*run the same command again"):
        built(plan, tmp_path / "always")
    failures.clear()
    assert built(plan, tmp_path / "always").attributes["digest"] == expected


@pytest.mark.parametrize("change", ["other bytes", "removed"])
def test_a_file_that_changes_between_plan_and_read_stops_the_build(
    radiographs: Path, tmp_path: Path, change: str
) -> None:
    plan = plan_of(radiographs)
    if change == "removed":
        (radiographs / "p1.png").unlink()
    else:
        shutil.copy(radiographs / "p0.png", radiographs / "p1.png")
    with pytest.raises(CorpusError, match=r"p1\.png: changed while the version was built"):
        built(plan, tmp_path / "store")
    assert plan_of(radiographs).version_id != plan.version_id


@pytest.mark.parametrize("fault", ["changed", "removed", "unreadable"])
def test_a_second_image_that_is_not_what_the_plan_saw_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """The first shard alone is made, so that the other radiographs are read as second images only."""
    source, folder = open_source("phantom:6"), tmp_path / "radiographs"
    folder.mkdir()
    for number, radiograph in enumerate(source.radiographs[:6]):
        Image.fromarray(source.read_image(radiograph)).save(folder / f"p{number}.png")
    monkeypatch.setattr("artasyn.data_manifests.store.contract.SHARD_PIXELS", SIZE * SIZE)
    plan, words = (
        plan_of(folder, config=load_config("fpi")),
        r"p[1-5]\.png: changed while the version was built",
    )
    first = next(shard_tasks(plan, plan.draft(FolderBlobs(str(tmp_path / "store"))), [0]))
    assert {row.status for row in first.make()[1]} == {"ok"}
    others = [folder / f"p{number}.png" for number in range(1, 6)]
    really = file_bytes.open_regular

    def fail(path: Path) -> object:
        if path in others:
            raise OSError(errno.EIO, "failed")
        return really(path)

    for path in others:
        if fault == "changed":
            shutil.copy(folder / "p0.png", path)
        elif fault == "removed":
            path.unlink()
    if fault == "unreadable":
        monkeypatch.setattr(file_bytes, "WAITS", ())
        monkeypatch.setattr(file_bytes, "open_regular", fail)
        words = r"p[1-5]\.png: cannot be read"
    with pytest.raises((CorpusError, MachineError), match=words):
        first.make()


def test_the_command_says_it_in_one_sentence(
    radiographs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = file_bytes.open_regular

    def fail(path: Path) -> object:
        if path.name == "p1.png":
            raise OSError(errno.EIO, "Input/output error")
        return really(path)

    monkeypatch.setattr(file_bytes, "WAITS", ())
    monkeypatch.setattr(file_bytes, "open_regular", fail)
    result = CliRunner().invoke(main, ["build", str(radiographs), str(tmp_path / "store"), "--workers", "0"])
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith(
        f"Error: {radiographs / 'p1.png'}: cannot be read: Input/output error"
    )
