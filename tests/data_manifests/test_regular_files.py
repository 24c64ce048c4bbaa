"""Laws of foreign files: what is no regular file is never waited for, deep JSON is refused in a sentence."""

import os
import threading
from pathlib import Path

import pytest

from artasyn.data_manifests import regular_files
from artasyn.data_manifests.config import read_toml
from artasyn.data_manifests.corpora.corpus import open_corpus
from artasyn.data_manifests.corpora.csv_tables import header, read_lines
from artasyn.data_manifests.corpora.splits import salt_of
from artasyn.data_manifests.errors import ConfigError, CorpusError, ImageError
from artasyn.data_manifests.images.file_bytes import read_file
from artasyn.data_manifests.json_text import parse_json
from artasyn.data_manifests.regular_files import IrregularFileError, open_regular, read_regular

DEEP = "[" * 200_000


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe.csv")
    return tmp_path / "pipe.csv"


def test_a_regular_file_is_read_whole_also_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"bytes")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert read_regular(tmp_path / "a") == read_regular(tmp_path / "b") == b"bytes"


def test_what_is_no_regular_file_is_refused(pipe: Path) -> None:
    for path in (pipe, pipe.parent, Path("/dev/zero")):
        with pytest.raises(IrregularFileError, match="is no regular file"):
            open_regular(path)


def test_a_pipe_that_took_the_place_of_a_file_is_refused_without_waiting(
    pipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regular_files, "check_regular", lambda _: None)
    refused: list[type] = []

    def read() -> None:
        try:
            read_file(pipe)
        except ImageError as error:
            refused.append(type(error))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(10)
    assert refused == [ImageError]


def salted(path: Path) -> str:
    return salt_of("a", str(path))


@pytest.mark.parametrize(
    ("read", "error"),
    [
        (header, CorpusError),
        (read_lines, CorpusError),
        (read_toml, ConfigError),
        (lambda p: salt_of("a", str(p)), CorpusError),
    ],
)
def test_no_reader_waits_for_a_pipe(pipe: Path, read: object, error: type) -> None:
    with pytest.raises(error, match="is no regular file"):
        read(pipe)  # type: ignore[operator]


def test_deep_json_is_a_value_error() -> None:
    assert parse_json('{"a": [1]}') == {"a": [1]}
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_json(DEEP)


BOXES = "[sources.boxes]\ntable = 'boxes.csv'\nkey = '{path}'\ncolumns = ['box']\n"
SEGMENTS = "[sources.segments]\nfile = 'masks.json'\nkey = '{path}'\nfindings = ['a']\n"


@pytest.mark.parametrize(("part", "words"), [(BOXES, "not four numbers"), (SEGMENTS, "nested too deeply")])
def test_deep_json_of_boxes_and_segments_is_refused_in_a_sentence(
    tmp_path: Path, part: str, words: str
) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "boxes.csv").write_text(f"path,box\na.png,{DEEP}\n")
    (tmp_path / "masks.json").write_text(DEEP)
    (tmp_path / "m.toml").write_text(f"name = 'm'\n[[sources]]\nfiles = '.*[.]png'\nlabel = 'normal'\n{part}")
    with pytest.raises(CorpusError, match=words):
        open_corpus(str(tmp_path / "m.toml"))
