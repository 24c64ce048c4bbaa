"""Attacks on the reads of a build: a fault of the machine never becomes a fault of an image."""

import contextlib
import errno
import shutil
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from unittest import mock

from artasyn.data_manifests.errors import CorpusError, MachineError
from artasyn.data_manifests.images import file_bytes
from benchmarks.drills.bench import Bench

__all__ = ["changed", "failing_always", "failing_once"]

NUMBERS = (errno.EIO, errno.ESTALE, errno.ENOMEM, errno.EMFILE)


def failing_once(bench: Bench) -> Iterator[str]:
    """Fail one read of one image: the digest stays."""
    radiographs = bench.radiographs()
    plan = bench.plan(radiographs)
    expected = bench.make(plan, bench.folder())
    for number in bench.tries(12):
        with _failing(f"p{number % 3}.png", NUMBERS[number % 4], times=1):
            yield "" if bench.make(plan, bench.folder()) == expected else "another digest"


def failing_always(bench: Bench) -> Iterator[str]:
    """Fail all reads of one image: a sentence, and afterwards the same build goes on."""
    radiographs = bench.radiographs()
    plan = bench.plan(radiographs)
    expected = bench.make(plan, bench.folder())
    for number in bench.tries(12):
        store = bench.folder()
        try:
            with _failing(f"p{number % 3}.png", NUMBERS[number % 4], times=99):
                bench.make(plan, store)
            yield "built without the image"
        except MachineError:
            yield "" if bench.make(plan, store) == expected else "another digest"


def changed(bench: Bench) -> Iterator[str]:
    """Change or remove a file between plan and read: the build stops."""
    for number in bench.tries(6):
        radiographs = bench.radiographs()
        plan, victim = bench.plan(radiographs), radiographs / f"p{bench.rng.randrange(3)}.png"
        if number % 2:
            victim.unlink()
        else:
            shutil.copy(radiographs / f"p{(int(victim.stem[1]) + 1) % 3}.png", victim)
        try:
            bench.make(plan, bench.folder())
            yield "built from other bytes than planned"
        except CorpusError as error:
            yield "" if "changed while the version was built" in str(error) else str(error)


@contextlib.contextmanager
def _failing(name: str, number: int, *, times: int) -> Iterator[None]:
    """Let opening a file fail so many times; nobody mends a patched function by waiting."""
    really, left = file_bytes.open_regular, [times]

    def fail(path: Path) -> BufferedReader:
        if path.name == name and left[0]:
            left[0] -= 1
            raise OSError(number, "failed")
        return really(path)

    with (
        mock.patch.object(file_bytes, "WAITS", (0.0, 0.0)),
        mock.patch.object(file_bytes, "open_regular", fail),
    ):
        yield
    assert left[0] < times, "nothing was read"
