"""Workers end with their parent, whatever ended it: no process is left behind."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import get_all_start_methods
from pathlib import Path

import pytest

PROGRAM = """
import os, signal, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from artasyn.data_manifests.workers import follow_parent

def work(_):
    os.write(1, f"{os.getpid()}\\n".encode())  # print may write the line in two parts
    time.sleep(120)

if __name__ == "__main__":
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup leaves it ignored
    with ProcessPoolExecutor(2, mp_context=get_context(sys.argv[1]), initializer=follow_parent) as pool:
        list(pool.map(work, range(2)))
"""


AHEAD = """
import sys
from concurrent.futures import ProcessPoolExecutor
from artasyn.data_manifests.workers import import_ahead, worker_context

def loaded(name):
    return name in sys.modules

if __name__ == "__main__":
    import_ahead("colorsys")
    with ProcessPoolExecutor(1, mp_context=worker_context()) as pool:
        print(pool.submit(loaded, "colorsys").result(), "colorsys" in sys.modules)
"""


UNGUARDED = """
import os
from concurrent.futures import ProcessPoolExecutor
from artasyn.data_manifests.workers import leave_out_main, worker_context

print("begun", flush=True)
with ProcessPoolExecutor(1, mp_context=worker_context()) as pool:
    with leave_out_main():
        found = pool.submit(os.getpid)
    print(found.result() != os.getpid())
"""


def is_running(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("start", ["spawn", "forkserver"])
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGHUP"])
def test_workers_end_with_their_parent(tmp_path: Path, start: str, name: str) -> None:
    if not Path("/proc/self/stat").exists():
        pytest.skip("needs /proc")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, str(program), start]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        workers = [int(parent.stdout.readline()) for _ in range(2)]
        assert all(map(is_running, workers))
        parent.send_signal(getattr(signal, name))
        assert parent.wait(60) == -getattr(signal, name)
    deadline = time.monotonic() + 60
    while any(map(is_running, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = [process for process in workers if is_running(process)]
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert left == []


def test_workers_have_what_was_imported_ahead_and_their_parent_need_not(tmp_path: Path) -> None:
    if "forkserver" not in get_all_start_methods():
        pytest.skip("workers start from nothing here")
    program = tmp_path / "program.py"
    program.write_text(AHEAD)
    done = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.split() == ["True", "False"]


def test_a_main_file_without_a_guard_is_not_run_again_by_workers(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(UNGUARDED)
    ran = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["begun", "True"]
