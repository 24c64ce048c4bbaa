"""The long fault drill: coordinators and workers killed at random moments, then the same command again.

    python -m benchmarks.faults [--kills 20] [--radiographs 24] [--size 64] [--seed 0]

Every line says when the kill came, how many shards were safe by then, and whether the resumed build has the digest of
an undisturbed one. Meanwhile a reader tries to open the version: it must find none or a whole one. Needs Linux.
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.store.verify import damaged_files
from artasyn.data_manifests.store.version import open_version

PROGRAM = """
import artasyn.data_manifests.store.contract
artasyn.data_manifests.store.contract.SHARD_PIXELS = {pixels}
if __name__ == "__main__":
    from artasyn.synth.cli import main
    main()
"""
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Drill:
    """One build that is disturbed again and again, always into a new store."""

    scratch: Path
    radiographs: int
    size: int

    def command(self, store: Path, workers: int) -> list[str]:
        """Return the build as a user would type it, but with two radiographs a shard."""
        program = self.scratch / "program.py"
        program.write_text(PROGRAM.format(pixels=6 * self.size**2))
        options = ["--size", str(self.size), "--workers", str(workers)]
        return [sys.executable, str(program), "build", f"phantom:{self.radiographs}", str(store), *options]

    def start(self, store: Path, workers: int) -> subprocess.Popen[bytes]:
        """Begin the build in a process group of its own."""
        quiet = subprocess.DEVNULL
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        command = self.command(store, workers)
        return subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True, env=environment)

    def finish(self, store: Path, workers: int) -> str:
        """Run the build to its end; return the digest of a version that verifies."""
        process = self.start(store, workers)
        if process.wait():
            raise SystemExit(f"the build ended with code {process.returncode}")
        version = open_version(str(store))
        if list(damaged_files(version)) or list(store.rglob("*.partial")) or (store / "_build").exists():
            raise SystemExit(f"{store} is not clean")
        return str(version.attributes["digest"])


def partly_readable(store: Path) -> bool:
    """Tell whether a reader meets a version that is not whole."""
    try:
        return bool(list(damaged_files(open_version(str(store)))))
    except StoreError as error:
        return "holds no committed version" not in str(error)


def kill_coordinator(process: subprocess.Popen[bytes]) -> bool:
    """Kill the command itself; its workers must notice."""
    running = process.poll() is None
    process.kill()
    process.wait()
    return running


def kill_worker(process: subprocess.Popen[bytes]) -> bool:
    """Kill one worker, if the build got that far; the build must go on by itself."""
    with contextlib.suppress(psutil.NoSuchProcess):
        workers = [c for c in psutil.Process(process.pid).children() if "spawn_main" in " ".join(c.cmdline())]
        if workers:
            workers[0].send_signal(signal.SIGKILL)
            return True
    return False


def disturb(drill: Drill, number: int, moment: float, *, victim: str, workers: int) -> tuple[str, str]:
    """Kill at a moment, in seconds after the start; return the digest in the end and a note."""
    store = drill.scratch / f"{victim}_{number}"
    process, started, seen = drill.start(store, workers), time.monotonic(), False
    try:
        while time.monotonic() - started < moment and process.poll() is None:
            seen |= partly_readable(store)
            time.sleep(0.02)
        hit = (kill_coordinator if victim == "coordinator" else kill_worker)(process)
        safe = len(list(store.glob("_build/*/*.json")))
        if victim == "worker":
            process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    note = f"{moment:6.2f} s  {safe:3d} shards safe  {'hit' if hit else 'was over'}"
    return ("" if seen else drill.finish(store, 0)), note


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--radiographs", type=int, default=24)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng, bad = random.Random(arguments.seed), 0
    with tempfile.TemporaryDirectory() as scratch:
        drill = Drill(Path(scratch), arguments.radiographs, arguments.size)
        for victim, workers in (("coordinator", 0), ("coordinator", 2), ("worker", 2)):
            started = time.monotonic()
            expected = drill.finish(drill.scratch / f"undisturbed_{victim}_{workers}", workers)
            length = time.monotonic() - started
            print(
                f"{victim}, --workers {workers}: undisturbed {length:.1f} s, digest {expected[:12]}",
                flush=True,
            )
            for number in range(arguments.kills if victim == "worker" else arguments.kills // 2):
                moment = rng.uniform(0.3, 1.0) * length
                name = number if workers else -number - 1
                digest, note = disturb(drill, name, moment, victim=victim, workers=workers)
                bad += digest != expected
                print(f"  {note}  {'same digest' if digest == expected else 'DIFFERENT'}", flush=True)
    print(f"{bad} builds ended otherwise than an undisturbed one")
    raise SystemExit(bool(bad))


if __name__ == "__main__":
    main()
