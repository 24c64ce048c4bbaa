"""What a user hears of Dask: no worker yet, a scheduler that is lost; workers leave Ctrl-C to the command."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.synth.build.dask_executor import connect, on_cluster
from artasyn.synth.build.plan import make_plan
from artasyn.synth.build.selection import Selection
from artasyn.synth.build.shards import build_shards
from artasyn.synth.config import load_config


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Start a Dask scheduler without workers; yield it and the file that tells its address."""
    where = tmp_path / "scheduler.json"
    options = ["--port", "0", "--no-dashboard", "--scheduler-file", str(where)]
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not where.exists() or not where.read_text().endswith("}"):
            time.sleep(0.05)
        yield process, where
    finally:
        process.kill()
        process.wait()


def test_no_worker_is_said_and_a_lost_scheduler_is_a_sentence(
    tmp_path: Path, scheduler: tuple[subprocess.Popen[bytes], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    process, where = scheduler
    config = replace(load_config("default"), size=64)
    plan = make_plan(Selection(corpus="phantom:2"), kind="synthetic", config=config, seed=0)
    said: list[str] = []

    def then_kill(text: str) -> None:
        said.append(text)
        process.kill()

    address = _address(where)
    with connect(workers=0, scheduler=address) as client:
        executor = on_cluster(client, tell=then_kill)
        with pytest.raises(StoreError, match=r"scheduler is lost .*run the same command: it goes on"):
            list(build_shards(plan, plan.draft(FolderBlobs(str(tmp_path / "store"))), executor=executor))
    assert said == [f"waiting for workers: start some with `dask worker {address}`; Ctrl-C stops"]
    assert capfd.readouterr().err == ""


def _address(where: Path) -> str:
    address: str = json.loads(where.read_text())["address"]
    return address


def test_workers_leave_ctrl_c_to_the_command() -> None:
    with connect(workers=1) as client:
        blocked = client.run(signal.pthread_sigmask, signal.SIG_BLOCK, [])
    assert all(signal.SIGINT in found for found in blocked.values())
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["Dask", "starting"])
def test_ctrl_c_in_a_build_with_workers_is_answered_in_one_line(tmp_path: Path, moment: str) -> None:
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's `&` leaves it ignored"
    program = [sys.executable, "-c", f"{code}\nfrom artasyn.synth.cli import main; main()"]
    options = ["build", "phantom:60", str(tmp_path / "store"), "--workers", "2", "--size", "256"]
    with subprocess.Popen(
        [*program, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if (" Dask " if moment == "Dask" else " samples ") in line:
                break
        time.sleep(1)
        os.killpg(process.pid, signal.SIGINT)
        rest = process.stdout.read()
    assert process.returncode == 130
    assert rest.split("\n")[-2] == "stopped: what is built is kept; the same command goes on"
    assert "Traceback" not in rest
