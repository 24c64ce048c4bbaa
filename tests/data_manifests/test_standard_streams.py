"""Laws of closed streams: a command works without them, and no file of its own takes their place."""

import subprocess
import sys
from pathlib import Path

import pytest

from artasyn.data_manifests.standard_streams import open_closed_streams

PROGRAM = """
import os, sys
from artasyn.data_manifests.standard_streams import open_closed_streams
open_closed_streams()
print("lost")
print("lost", file=sys.stderr)
assert sys.stdin.read() == ""
with open(sys.argv[1], "wb") as file:
    assert file.fileno() > 2
    os.write(1, b"lost")
    os.write(2, b"lost")
    file.write(b"kept")
"""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">&- </dev/null 2>/dev/null"])
def test_closed_streams_are_joined_to_the_null_device(closed: str, tmp_path: Path) -> None:
    command = f'"$0" -c "$1" "$2" </dev/null >/dev/null 2>/dev/null {closed}'
    done = subprocess.run(["sh", "-c", command, sys.executable, PROGRAM, str(tmp_path / "file")], check=False)
    assert done.returncode == 0
    assert (tmp_path / "file").read_bytes() == b"kept"


def test_a_command_works_with_output_and_error_closed() -> None:
    command = [sys.executable, "-c", "from artasyn.synth.cli import main; main(['corpora'])"]
    assert subprocess.run(["sh", "-c", '"$@" >&- 2>&-', "sh", *command], check=False).returncode == 0


def test_open_streams_stay() -> None:
    before = (sys.stdin, sys.stdout, sys.stderr)
    open_closed_streams()
    assert (sys.stdin, sys.stdout, sys.stderr) == before
