"""What the drills share: a scratch folder, draws, small versions and runs, processes of their own."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psutil
from click.testing import CliRunner
from PIL import Image

from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.data_manifests.store.contract import Kind
from artasyn.eval.cli import main as evaluate
from artasyn.synth.build.plan import Plan, make_plan
from artasyn.synth.build.provenance import attributes_of
from artasyn.synth.build.selection import Selection
from artasyn.synth.build.shards import build_shards
from artasyn.synth.cli import main as synth
from artasyn.synth.config import SynthConfig, load_config
from artasyn.synth.sources.source import open_source
from artasyn.train.cli import main as train

__all__ = ["Bench", "flipped", "gone"]

SIZE = 64
SHARD_PIXELS = 6 * SIZE * SIZE
"""Two radiographs a shard: drills need many shards, not many images."""
PROGRAM = f"""
import sys
import artasyn.data_manifests.store.contract
artasyn.data_manifests.store.contract.SHARD_PIXELS = {SHARD_PIXELS}
if __name__ == "__main__":
    from importlib import import_module
    import_module("artasyn." + sys.argv.pop(1) + ".cli").main()
"""
RECIPE = """
network = { shrink = 2, compact = { fold = 2, widths = [8, 16], bottom_blocks = 1, pretrained = false } }
data = { studies = 2 }
schedule = { steps = STEPS }
compute = { precision = "float32" }
loop = { log_every = 1, validate_every = 4, checkpoint_every = 2, pictures = 0 }
"""
COMMANDS = {"synth": synth, "train": train, "eval": evaluate}


@dataclass
class Bench:
    """One row's place to work in; everything follows from the seed, the moments of kills apart."""

    scratch: Path
    rng: random.Random
    scale: float = 1.0
    """1: some minutes for all rows; 0: one try each."""
    names: int = field(default=0, init=False)

    def tries(self, number: int) -> range:
        """Return as many tries as the scale asks for, at least one."""
        return range(max(1, round(number * self.scale)))

    def folder(self) -> Path:
        """Return the path of a folder that is not there yet."""
        self.names += 1
        return self.scratch / f"part{self.names}"

    def plan(self, corpus: str | Path = "phantom:4", *, kind: Kind = "synthetic") -> Plan:
        """Plan a small version."""
        config = SynthConfig(size=SIZE, opacities=load_config("default").opacities)
        return make_plan(Selection(corpus=str(corpus)), kind=kind, config=config, seed=0)

    def make(self, plan: Plan, store: Path) -> str:
        """Make what is missing of a planned version in this process; return its digest."""
        draft = plan.draft(FolderBlobs(str(store)))
        for _ in build_shards(plan, draft):
            pass
        return draft.commit(attributes_of(plan, command=["drill"], seconds=0))

    @cached_property
    def store(self) -> Path:
        """Return a synthetic store."""
        store = self.folder()
        self.make(self.plan("phantom:8"), store)
        return store

    @cached_property
    def evaluation(self) -> Path:
        """Return an evaluation store."""
        store = self.folder()
        self.make(self.plan("phantom:24", kind="evaluation"), store)
        return store

    @cached_property
    def run(self) -> Path:
        """Return a finished training."""
        folder = self.folder()
        code, said = self.call("train", *self.fit(folder))
        if code:
            raise SystemExit(said)
        return folder

    def fit(self, run: Path, *, steps: int = 4, store: Path | None = None) -> list[str]:
        """Return the arguments of a training of a few steps."""
        recipe = self.scratch / f"{steps}.toml"
        recipe.write_text(RECIPE.replace("STEPS", str(steps)))
        line = ["fit", store or self.store, run, "--preset", recipe, "--device", "cpu", "--threads", "1"]
        return [str(part) for part in line]

    def radiographs(self, number: int = 3) -> Path:
        """Return a new folder of images."""
        source, folder = open_source(f"phantom:{number}"), self.folder()
        folder.mkdir()
        for k, radiograph in enumerate(source.radiographs[:number]):
            Image.fromarray(source.read_image(radiograph)).save(folder / f"p{k}.png")
        return folder

    def copy(self, folder: Path) -> Path:
        """Return a copy to be damaged."""
        return Path(shutil.copytree(folder, self.folder()))

    def call(self, package: str, *arguments: object) -> tuple[int, str]:
        """Run a command in this process; return its exit code and all it said. A traceback counts as code 99."""
        result = CliRunner().invoke(COMMANDS[package], [str(part) for part in arguments])
        crashed = result.exception is not None and not isinstance(result.exception, SystemExit)
        return (99, repr(result.exception)) if crashed else (result.exit_code, result.output)

    def start(self, package: str, *arguments: object) -> subprocess.Popen[bytes]:
        """Start a command in a process group of its own."""
        program = self.scratch / "program.py"
        program.write_text(PROGRAM)
        line = [sys.executable, str(program), package, *map(str, arguments)]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
        quiet = subprocess.DEVNULL
        return subprocess.Popen(line, stdout=quiet, stderr=quiet, start_new_session=True, env=environment)

    def kill_when(
        self, process: subprocess.Popen[bytes], ready: Callable[[], bool], *, workers: bool = False
    ) -> list[int]:
        """Kill the command once `ready`, or one of its workers; return all processes that it had started."""
        while process.poll() is None and not ready():
            time.sleep(0.01)
        try:
            children = psutil.Process(process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            children = []
        spawned = [c for c in children if "spawn_main" in _line_of(c)]
        if not workers:
            process.kill()
        elif spawned:
            self.rng.choice(spawned).send_signal(signal.SIGKILL)
        process.wait()
        return [child.pid for child in children]


def flipped(path: Path, rng: random.Random) -> str:
    """Flip one bit of a file; return which."""
    data, place, bit = bytearray(path.read_bytes()), rng.randrange(path.stat().st_size), rng.randrange(8)
    data[place] ^= 1 << bit
    path.write_bytes(bytes(data))
    return f"{path.name}, byte {place}, bit {bit}"


def gone(processes: list[int], *, seconds: float = 20) -> bool:
    """Tell whether all these processes end within a time."""
    deadline = time.monotonic() + seconds
    while any(_runs(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _runs(process: int) -> bool:
    try:
        return bool(psutil.Process(process).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _line_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""
