"""Laws of names: images of one stem keep their suffix, and two images never get one name."""

from pathlib import Path

import pytest

from artasyn.data_manifests.errors import CorpusError
from artasyn.synth.outlining.outline_files import find_sources


def test_images_that_differ_in_their_suffix_alone_keep_it(tmp_path: Path) -> None:
    for name in ("a.png", "a.jpg", "b.png"):
        (tmp_path / name).write_bytes(b"x")
    expected = {"a.png", "a.jpg", "b"}
    assert {source.name for source in find_sources([tmp_path], out=tmp_path / "out")} == expected
    files = sorted(tmp_path.glob("*.*"))
    assert {source.name for source in find_sources(files, out=tmp_path / "out")} == expected


def test_images_of_one_name_in_two_folders_are_refused(tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(b"x")
    with pytest.raises(CorpusError, match="same name"):
        find_sources([tmp_path / "x", tmp_path / "y"], out=tmp_path / "out")
