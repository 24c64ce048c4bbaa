"""Laws of names, and of what is said: two images never get one name; what cannot be read is told with a remedy."""

from pathlib import Path

import pytest
from PIL import Image

from artasyn.data_manifests.errors import CorpusError
from artasyn.synth.lungs import LungConfig
from artasyn.synth.outlining.outline_files import ImageFile, find_sources, outline_files
from tests.chests import chest


def test_images_that_differ_in_their_suffix_alone_keep_it(tmp_path: Path) -> None:
    for name in ("a.png", "a.jpg", "b.png"):
        (tmp_path / name).write_bytes(b"x")
    expected = {"a.png", "a.jpg", "b"}
    assert {source.name for source in find_sources([tmp_path], out=tmp_path / "out")[0]} == expected
    files = sorted(tmp_path.glob("*.*"))
    assert {source.name for source in find_sources(files, out=tmp_path / "out")[0]} == expected


def test_images_of_one_name_in_two_folders_are_refused(tmp_path: Path) -> None:
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(b"x")
    with pytest.raises(CorpusError, match="same name"):
        find_sources([tmp_path / "x", tmp_path / "y"], out=tmp_path / "out")


def test_an_image_that_cannot_be_read_is_told_with_its_file_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    source = ImageFile(tmp_path / "a.png", "a")
    [outcome] = outline_files([source], tmp_path / "out", config=LungConfig())
    assert outcome.reason == "empty_file"
    assert "a.png: is an empty file (copy or download it again)" in outcome.message


def test_folders_of_masks_are_passed_over_and_counted(tmp_path: Path) -> None:
    for name in ("normal/a.png", "lung_masks/a.png"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"x")
    sources, masks = find_sources([tmp_path], out=tmp_path / "out")
    assert ([source.name for source in sources], masks) == (["normal/a"], 1)
    sources, masks = find_sources([tmp_path / "lung_masks"], out=tmp_path / "out")  # asked for by name
    assert (len(sources), masks) == (1, 0)


def test_masks_beside_images_are_passed_over_and_counted(tmp_path: Path) -> None:
    for name in ("a.png", "a_mask.png", "b_mask.png"):
        (tmp_path / name).write_bytes(b"x")
    sources, masks = find_sources([tmp_path], out=tmp_path / "out")
    assert ([source.name for source in sources], masks) == (["a", "b_mask"], 1)


def test_masks_that_an_earlier_call_wrote_are_not_counted(tmp_path: Path) -> None:
    Image.fromarray(chest(size=256)[0]).save(tmp_path / "a.png")
    out = tmp_path / "out"
    list(outline_files(find_sources([tmp_path], out=out)[0], out, config=LungConfig()))
    assert (out / "masks/a.png").exists()
    assert find_sources([tmp_path], out=out)[1] == 0


def test_a_name_that_is_no_line_of_text_is_outlined_again_and_again(tmp_path: Path) -> None:
    names = ("new\nline", "carriage\rreturn", "\udcff\udcfe")
    for name in names:
        Image.fromarray(chest(size=256)[0]).save(tmp_path / f"{name}.png")
    out = tmp_path / "out"
    for _ in range(2):
        list(outline_files(find_sources([tmp_path], out=out)[0], out, config=LungConfig()))
    assert {path.stem for path in (out / "masks").iterdir()} == set(names)


def test_a_negative_is_called_so_as_in_a_build(tmp_path: Path) -> None:
    Image.fromarray(255 - chest(size=256)[0]).save(tmp_path / "a.png")
    [outcome] = outline_files([ImageFile(tmp_path / "a.png", "a")], tmp_path / "out", config=LungConfig())
    assert outcome.reason == "negative"


def test_lateral_views_in_folders_are_passed_over_and_counted(tmp_path: Path) -> None:
    for name in ("view1_frontal.png", "view2_lateral.png"):
        (tmp_path / name).write_bytes(b"x")
    sources, others = find_sources([tmp_path], out=tmp_path / "out")
    assert ([source.name for source in sources], others) == (["view1_frontal"], 1)
