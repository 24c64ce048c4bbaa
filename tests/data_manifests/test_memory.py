"""Memory that is needed again and again is fetched from the system once."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
from artasyn.data_manifests.memory import keep_freed_memory

if sys.argv[1] == "kept":
    keep_freed_memory()
faults = []
for _ in range(40):
    parts = [bytearray(b"1") * 1_000_000 for _ in range(3)]
    del parts
    faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
print(faults[-1] - faults[5])
"""


def page_faults(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True, timeout=300
    )
    return int(done.stdout)


def test_freed_memory_is_kept() -> None:
    if platform.libc_ver()[0] != "glibc":
        pytest.skip("the setting is glibc's")
    assert page_faults("kept") < page_faults("given back") / 20
