"""The card and the Croissant file say what the version says, and follow from it alone."""

import json
import logging
from pathlib import Path

import pytest
import zarr
from click.testing import CliRunner

from artasyn.data_manifests.store.version import Version, open_version
from artasyn.synth.cli import main
from artasyn.synth.versions.card import card, write_card
from artasyn.synth.versions.croissant import croissant

SIZE = 64


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    store = str(tmp_path_factory.mktemp("store"))
    command = ["build", "phantom:3", store, "--size", str(SIZE), "--workers", "0"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    assert "radiographs/s: 3 in" in result.output
    return open_version(store)


def test_a_card_is_written_beside_the_version_and_zarr_sees_only_arrays(version: Version) -> None:
    folder = Path(version.blobs.location)
    assert (folder / "cards" / version.id / "README.md").read_text() == card(version)
    assert json.loads((folder / "cards" / version.id / "croissant.json").read_text()) == croissant(version)
    group = zarr.open_group(folder / version.id, mode="r")
    assert sorted(name for name, _ in group.members()) == ["digests", "samples", "table"]


def test_the_card_says_what_how_many_and_not_for_diagnosis(version: Version) -> None:
    text = card(version)
    samples = len(version.rows(status="ok"))
    for part in (version.id, f"{samples} samples of 64 x 64", "licence: MIT", "not for diagnosis", "seed 0"):
        assert part in text
    assert "only salted hashes" in text


def test_a_card_lost_to_a_kill_is_written_by_the_next_command(version: Version) -> None:
    path = Path(version.blobs.location) / "cards" / version.id / "README.md"
    before = path.read_text()
    path.unlink()
    write_card(version)
    assert path.read_text() == before


def test_info_prints_the_card_and_its_place(version: Version) -> None:
    result = CliRunner().invoke(main, ["info", version.blobs.location, "--card"])
    assert "## What it holds" in result.output
    assert f"cards/{version.id}/README.md" in result.output


def test_the_documented_example_reads_a_version_with_plain_zarr(
    version: Version, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "how-to" / "read-with-zarr.md").read_text()
    example = text.partition("```python\n")[2].partition("```")[0]
    exec(example.replace("stores/chest", version.blobs.location), {})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("train/phantom_00000") and "(64, 64)" in line for line in lines)


def test_cards_go_with_their_version(tmp_path: Path) -> None:
    command = ["build", "phantom:2", str(tmp_path), "--size", str(SIZE), "--workers", "0"]
    assert CliRunner().invoke(main, command).exit_code == 0
    assert CliRunner().invoke(main, ["rm", str(tmp_path), "--yes"]).exit_code == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_croissant_is_valid(version: Version, caplog: pytest.LogCaptureFixture) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    with caplog.at_level(logging.WARNING):
        dataset = mlcroissant.Dataset(jsonld=croissant(version))
    assert not [record.message for record in caplog.records]
    names = [record["channels/name"] for record in dataset.records("channels")]
    assert names[:2] == ["image", "altered"]


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_croissant_of_a_corpus_that_says_nothing_of_itself_is_valid(version: Version) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    bare = Version(version.blobs, version.id)
    bare.attributes = {key: bare.attributes[key] for key in ("kind", "digest", "listing")}
    mlcroissant.Dataset(jsonld=croissant(bare))
    assert "licence: not stated" in card(bare)


def test_markup_of_others_is_text_on_the_card(version: Version) -> None:
    hostile = Version(version.blobs, version.id)
    title = "<script>alert(1)</script> [link](javascript:x) \x1b[31m\n# heading"
    hostile.attributes = {**hostile.attributes, "corpus": {"title": title, "licence": "<b>", "notes": "`x`"}}
    text = card(hostile)
    assert "<script>" not in text
    assert "<b>" not in text
    assert "[link](" not in text.replace("\\[link\\](", "")
    assert "\n# heading" not in text
    assert "\x1b" not in text


def test_a_card_warns_of_hashes_that_anyone_can_try(version: Version) -> None:
    assert "whoever tries all numbers" in card(version)
    salted = Version(version.blobs, version.id)
    salted.attributes = {**salted.attributes, "selection": {"hand": {"salt_file": "~/salt"}}}
    assert "The salt is a secret" in card(salted)
