"""What a version must not tell: whose home the corpus lay in, columns nobody asked for, patients' numbers."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from artasyn.data_manifests.corpora.splits import patient_hash
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.synth.cli import main
from artasyn.synth.sources.source import open_source

ODD = ("Name of pt", "MedRecNo", "visit_date", "note", "PtInit", "Hausnummer")


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a table of three images in the home of somebody, with columns that no list of forbidden words knows."""
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "jane"))
    folder = tmp_path / "home" / "jane" / "radiographs"
    folder.mkdir(parents=True)
    source = open_source("phantom:3")
    lines = [",".join(["image", "label", "age", "ViewPosition", "patient", *ODD])]
    for number, radiograph in enumerate(source.radiographs[:3]):
        Image.fromarray(source.read_image(radiograph)).save(folder / f"p{number}.png")
        lines.append(f"p{number}.png,normal,61,PA,1234567{number},Jane Roe,99,2020-01-01,hers,JR,12")
    (folder / "index.csv").write_text("\n".join(lines))
    return folder / "index.csv"


def build(corpus: Path, store: Path, *options: str) -> tuple[Version, str]:
    command = ["build", str(corpus), str(store), "--size", "64", "--workers", "0", *options]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    return open_version(str(store)), result.output


def test_neither_attributes_nor_card_nor_table_tell_of_a_person(corpus: Path, tmp_path: Path) -> None:
    version, said = build(corpus, tmp_path / "store")
    stored = {key for text in version.table["attributes"] for key in json.loads(str(text))}
    assert stored == {"label", "age", "ViewPosition"}
    assert "Name of pt" in said
    files = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    for word in (b"jane", b"Jane Roe", b"2020-01-01", b"12345670"):
        assert not [path for path in files if word in path.read_bytes()]
    assert not [cell for column in version.table.values() for cell in column.tolist() if "jane" in str(cell)]
    assert version.attributes["selection"]["corpus"] == "~/radiographs/index.csv"


def test_a_version_is_built_where_nobody_has_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_user: int) -> None:
        raise KeyError

    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", unknown)
    version, _ = build(Path("phantom:3"), tmp_path / "store")
    assert version.attributes["selection"]["corpus"] == "phantom:3"


def test_a_version_from_home_is_repaired(corpus: Path, tmp_path: Path) -> None:
    version, _ = build(corpus, tmp_path / "store")
    (tmp_path / "store" / version.id / "samples" / "c" / "0" / "0" / "0" / "0").unlink()
    result = CliRunner().invoke(main, ["verify", str(tmp_path / "store"), "--repair"])
    assert result.exit_code == 0, result.output


def test_columns_that_are_asked_for_are_kept(corpus: Path, tmp_path: Path) -> None:
    version, _ = build(corpus, tmp_path / "store", "--keep-columns", "note,visit_date")
    assert json.loads(str(version.table["attributes"][0]))["note"] == "hers"


def test_a_secret_salt_hides_numbers_and_is_not_stored(corpus: Path, tmp_path: Path) -> None:
    salt = tmp_path / "salt"
    salt.write_text("0123456789abcdef0123456789abcdef")
    plain, _ = build(corpus, tmp_path / "plain")
    salted, _ = build(corpus, tmp_path / "salted", "--salt-file", str(salt))
    guessed = patient_hash("12345670", salt="radiographs")
    assert guessed in plain.table["patient"].tolist()
    assert guessed not in salted.table["patient"].tolist()
    assert plain.id != salted.id
    secret = salt.read_bytes()
    assert not [p for p in (tmp_path / "salted").rglob("*") if p.is_file() and secret in p.read_bytes()]
    salt.write_text("short")
    result = CliRunner().invoke(main, ["build", str(corpus), str(tmp_path / "x"), "--salt-file", str(salt)])
    assert "holds a secret of less than 16 bytes" in result.output
