"""Laws of what `artasyn-synth` writes for people: a file of the user's in the way is refused and stays as it is."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from artasyn.synth.cli import main
from artasyn.synth.sources.source import open_source

MINE = b"drawn by hand"


@pytest.fixture
def radiographs(tmp_path: Path) -> Path:
    """Return a folder of one radiograph, with the user's own mask of it in a folder below."""
    source = open_source("phantom:1")
    Image.fromarray(source.read_image(source.radiographs[0])).resize((96, 96)).save(tmp_path / "a.png")
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "a.png").write_bytes(MINE)
    return tmp_path


def call(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(part) for part in arguments])
    return result.exit_code, result.output


def test_lungs_never_replace_masks_that_were_drawn(radiographs: Path) -> None:
    line = ("lungs", radiographs / "a.png", "--out", radiographs)
    code, said = call(*line)
    assert code == 1
    assert "a.png: exists and was not written by this command" in said.replace("\n", " ")
    assert (radiographs / "masks" / "a.png").read_bytes() == MINE
    assert not (radiographs / "lungs.csv").exists()
    assert call(*line, "--force")[0] == 0
    assert call(*line)[0] == 0  # what is ours now
    assert set(np.unique(np.asarray(Image.open(radiographs / "masks" / "a.png")))) <= {0, 128, 255}


def test_pictures_and_tables_never_replace_the_users(radiographs: Path) -> None:
    store, before = radiographs / "store", (radiographs / "a.png").read_bytes()
    assert call("build", "phantom:2", store, "--size", 64, "--workers", 0)[0] == 0
    lines = (
        ("atlas", radiographs / "a.png", "--size", 64),
        ("gallery", store, radiographs / "a.png"),
        ("info", store, "--left-out", radiographs / "a.png"),
    )
    for line in lines:
        code, said = call(*line)
        assert (code, "was not written by this command" in said) == (1, True)
        assert (radiographs / "a.png").read_bytes() == before
    assert call("gallery", store, radiographs / "new.png")[0] == 0
    assert call("gallery", store, radiographs / "new.png", "--count", 1)[0] == 0
    assert call("gallery", store, radiographs / "a.png", "--force")[0] == 0
