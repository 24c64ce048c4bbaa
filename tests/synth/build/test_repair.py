"""Laws of the repair: damage is named, and the sources are found where they are now."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from artasyn.data_manifests.store.verify import damaged_files
from artasyn.synth.cli import main
from tests.synth.build.builds import SIZE, built, plan_of, write_radiographs


def test_verify_names_the_damaged_shard(tmp_path: Path) -> None:
    version = built(plan_of(), tmp_path)
    assert list(damaged_files(version)) == []
    path = tmp_path / version.id / "samples" / "c" / "1" / "0" / "0" / "0"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert [key for key, _ in damaged_files(version)] == ["samples/c/1/0/0/0"]
    result = CliRunner().invoke(main, ["verify", str(tmp_path)])
    assert result.exit_code == 1
    assert "samples/c/1/0/0/0" in result.output


def test_a_corpus_that_moved_is_found_for_the_repair(tmp_path: Path) -> None:
    write_radiographs(tmp_path / "radiographs")
    store = str(tmp_path / "store")
    command = ["build", str(tmp_path / "radiographs"), store, "--size", str(SIZE), "--workers", "0"]
    assert CliRunner().invoke(main, command).exit_code == 0
    (tmp_path / "radiographs").rename(tmp_path / "moved")
    path = next((tmp_path / "store").glob("*/samples/c/0/0/0/0"))
    before = path.read_bytes()
    path.unlink()
    assert CliRunner().invoke(main, ["verify", store, "--repair"]).exit_code == 1
    mended = CliRunner().invoke(main, ["verify", store, "--repair", "--root", str(tmp_path / "moved")])
    assert mended.exit_code == 0, mended.output
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["index.csv", "index.tsv", "INDEX.CSV"])
def test_a_table_that_moved_with_its_images_is_found_for_the_repair(name: str, tmp_path: Path) -> None:
    write_radiographs(tmp_path / "one" / "radiographs")
    table = tmp_path / "one" / "radiographs" / name
    table.write_text("image,label\nphantom_000000.png,normal\n")
    store = str(tmp_path / "store")
    command = ["build", str(table), store, "--size", str(SIZE), "--workers", "0"]
    assert CliRunner().invoke(main, command).exit_code == 0
    (tmp_path / "one").rename(tmp_path / "two")
    next((tmp_path / "store").glob("*/samples/c/0/0/0/0")).unlink()
    moved = ["verify", store, "--repair", "--root", str(tmp_path / "two" / "radiographs")]
    mended = CliRunner().invoke(main, moved)
    assert mended.exit_code == 0, mended.output


def test_a_brush_is_found_from_where_the_command_runs_and_missed_in_words_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tip = np.random.default_rng(0).integers(0, 255, (40, 60), np.uint8)
    tip[[0, -1]] = tip[:, [0, -1]] = 0
    Image.fromarray(tip).save("tip.png")
    Path("mine.toml").write_text('[opacities.brush]\nfile = "tip.png"\n[opacities.kinds]\nbrush = 1.0\n')
    store = str(tmp_path / "store")
    command = ["build", "phantom:2", store, "--preset", "mine.toml", "--size", str(SIZE), "--workers", "0"]
    assert CliRunner().invoke(main, command).exit_code == 0
    next((tmp_path / "store").glob("*/samples/c/0/0/0/0")).unlink()
    monkeypatch.chdir("/")
    elsewhere = CliRunner().invoke(main, ["verify", store, "--repair"])
    assert "tip.png: cannot be read as a brush tip" in elsewhere.output
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["verify", store, "--repair"]).exit_code == 0
