"""Attacks by input: odd images and tables are left out by name or refused in a sentence, and nothing hangs."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.drills.bench import SIZE, Bench

__all__ = ["images", "tables"]

SECONDS = 60
"""An image that takes longer hangs: the machine may be busy."""


def images(bench: Bench) -> Iterator[str]:
    """Build from a folder with one odd image: the other images are built, and the odd one has a reason if it is bad."""
    for number in bench.tries(40):
        radiographs, began = bench.radiographs(), time.process_time()
        _odd(bench, radiographs / "odd.png", number, (radiographs / "p0.png").read_bytes())
        code, said = bench.call(
            "synth", "build", radiographs, bench.folder(), "--size", SIZE, "--workers", "0"
        )
        if time.process_time() - began > SECONDS:
            yield "takes too long"
        else:
            yield "" if code == 0 and "4: " in said else f"code {code}: {said[-200:]}"


def tables(bench: Bench) -> Iterator[str]:
    """Plan from a table of which some bytes are others: a plan or a sentence."""
    radiographs = bench.radiographs()
    lines = ["path,label,patient,split,mask", *(f"p{k}.png,normal,n{k},train," for k in range(3))]
    sound = "\n".join(lines).encode()
    for _ in bench.tries(80):
        data = bytearray(sound)
        for _ in range(bench.rng.randrange(1, 4)):
            place = bench.rng.randrange(len(data))
            data[place : place + bench.rng.randrange(2)] = bench.rng.choice(PIECES)
        (radiographs / "index.csv").write_bytes(bytes(data))
        code, said = bench.call("synth", "build", radiographs / "index.csv", bench.folder(), "--dry-run")
        yield "" if code in (0, 1) else f"code {code}: {said[-200:]} for {bytes(data)!r}"


PIECES = (
    b"",
    b"\0",
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\xff",
    b"\xfe\xff",
    b"=1+1",
    b"../",
    b"\x1b[2J",
    b"a" * 200_000,
)


def _odd(bench: Bench, path: Path, number: int, sound: bytes) -> None:
    """Write what is no ordinary image: cut, with other bits, endless, or of another kind."""
    kind = number % 8
    if kind == 0:
        path.write_bytes(sound[: bench.rng.randrange(len(sound))])
    elif kind == 1:
        data = bytearray(sound)
        for _ in range(5):
            data[bench.rng.randrange(len(data))] ^= 1 << bench.rng.randrange(8)
        path.write_bytes(bytes(data))
    elif kind == 2:
        os.mkfifo(path)
    elif kind == 3:
        path.touch()
        os.truncate(path, 200 * 2**30)  # sparse
    elif kind == 4:
        path.symlink_to("/dev/zero")
    elif kind == 5:
        path.symlink_to(path.name)
    elif kind == 6:
        path.write_bytes(bench.rng.randbytes(5000))
    else:
        path.write_bytes(b"")
