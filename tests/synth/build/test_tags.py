"""Laws of names in a store: a tag never moves, an unfinished build is listed and removed by name."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.data_manifests.store.references import remove_draft
from artasyn.synth.build.shards import build_shards
from artasyn.synth.cli import main
from tests.synth.build.builds import SIZE, plan_of


def test_a_tag_never_moves(tmp_path: Path) -> None:
    command = ["build", "phantom:2", str(tmp_path), "--size", str(SIZE), "--workers", "0", "--tag", "mine"]
    assert CliRunner().invoke(main, command).exit_code == 0
    assert CliRunner().invoke(main, command).exit_code == 0
    moved = CliRunner().invoke(main, [*command, "--seed", "1"])
    assert moved.exit_code == 1
    assert "already names version" in moved.output


def test_a_taken_tag_is_refused_before_the_build(tmp_path: Path) -> None:
    command = ["build", "phantom:2", str(tmp_path), "--size", str(SIZE), "--workers", "0", "--tag", "mine"]
    assert CliRunner().invoke(main, command).exit_code == 0
    assert CliRunner().invoke(main, [*command, "--seed", "1"]).exit_code == 1
    assert len(CliRunner().invoke(main, ["versions", str(tmp_path)]).output.splitlines()) == 1


def test_a_folder_without_versions_is_told_and_is_empty_json(tmp_path: Path) -> None:
    assert "holds no version" in CliRunner().invoke(main, ["versions", str(tmp_path)]).output
    assert CliRunner().invoke(main, ["versions", str(tmp_path), "--json"]).output == "[]\n"


def test_unfinished_builds_are_listed_and_removed_by_name(tmp_path: Path) -> None:
    plan = plan_of()
    for _ in build_shards(plan, plan.draft(FolderBlobs(str(tmp_path)))):
        break
    listed = CliRunner().invoke(main, ["versions", str(tmp_path)]).output
    assert listed.startswith(f"{plan.version_id[:12]}  unfinished")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("mine")
    assert "thesis" not in CliRunner().invoke(main, ["versions", str(tmp_path)]).output
    assert "removed" in CliRunner().invoke(main, ["rm", str(tmp_path), "--unfinished", "--yes"]).output
    assert [path.name for path in tmp_path.rglob("*")] == ["thesis", "chapter.txt"]
    with pytest.raises(StoreError, match="thesis: is no build of a version"):
        remove_draft(FolderBlobs(str(tmp_path)), "thesis")


@pytest.mark.parametrize(
    ("damage", "said"), [("{", "damaged"), ('{"attributes": {"contract": 1}}', "contract 1")]
)
def test_a_version_that_cannot_be_read_is_said_to_be_so_and_removed(
    damage: str, said: str, tmp_path: Path
) -> None:
    build = ["build", "phantom:2", str(tmp_path), "--size", str(SIZE), "--workers", "0", "--tag", "mine"]
    assert CliRunner().invoke(main, build).exit_code == 0
    next(tmp_path.glob("*/zarr.json")).write_text(damage)
    assert said in CliRunner().invoke(main, ["versions", str(tmp_path)]).output
    removed = CliRunner().invoke(main, ["rm", f"{tmp_path}@mine"], input="y\n")
    assert removed.exit_code == 0, removed.output
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert CliRunner().invoke(main, build).exit_code == 0


def test_a_group_of_somebody_else_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "c0ffee").mkdir()
    (tmp_path / "c0ffee" / "zarr.json").write_text("{}")
    result = CliRunner().invoke(main, ["rm", str(tmp_path), "--yes"])
    assert "is no build of a version: nothing is removed" in result.output
    assert (tmp_path / "c0ffee" / "zarr.json").exists()
