"""Laws of owned folders: one owner, named; death lets go; what a dead owner left half-written is swept."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from artasyn.data_manifests.errors import BusyError
from artasyn.data_manifests.files import append_text, write_file
from artasyn.data_manifests.ownership import LOCK_NAME, owned

HOLDER = """
import sys, time
from pathlib import Path
from artasyn.data_manifests.ownership import owned
with owned(Path(sys.argv[1])):
    (Path(sys.argv[1]) / "checkpoints").mkdir()
    (Path(sys.argv[1]) / "checkpoints" / ".last.safetensors.0123456789ab.partial").write_bytes(b"half")
    (Path(sys.argv[1]) / ".mine.partial").write_bytes(b"the user's")
    print("held", flush=True)
    time.sleep(60)
"""


def test_one_owner_who_is_named_until_he_dies(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(BusyError, match=rf"is in use by process {holder.pid} on .*since"),
            owned(tmp_path),
        ):
            pass
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.communicate()
    with owned(tmp_path):
        assert sorted(path.name for path in tmp_path.rglob("*")) == [
            LOCK_NAME,
            ".mine.partial",
            "checkpoints",
        ]
    assert (tmp_path / LOCK_NAME).read_text() == ""


def test_a_folder_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError), owned(tmp_path / "a" / "b"):
        raise KeyError
    with owned(tmp_path / "a" / "b"):
        pass


def test_a_full_disk_names_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match=rf"No space left.*{LOCK_NAME}"), owned(tmp_path):
        pass


@pytest.mark.parametrize("letter", ["x", "ü"])
def test_a_name_may_be_as_long_as_the_file_system_takes(letter: str, tmp_path: Path) -> None:
    name = letter * (255 // len(letter.encode()))
    write_file(tmp_path / name, b"x")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").mkdir()
    with pytest.raises(IsADirectoryError) as error:
        write_file(tmp_path / "a.json", b"x")
    assert error.value.filename == str(tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == [tmp_path / "a.json"]


def test_a_full_disk_names_the_file(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    (tmp_path / "log.csv").symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"No space left on device: '.*log\.csv'"):
        append_text(tmp_path / "log.csv", "line\n")


def test_a_failing_write_names_the_file_and_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_file(tmp_path / "a.json", b"good")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("artasyn.data_manifests.files.os.fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*/a\.json'"):
        write_file(tmp_path / "a.json", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_bytes() == b"good"
