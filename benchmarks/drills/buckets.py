"""Attacks by a bucket's service: it is busy now and then, or fails for good in the middle of a command."""

import itertools
from collections.abc import Callable, Iterator

from artasyn.data_manifests.store.verify import damaged_files
from artasyn.data_manifests.store.version import open_version
from benchmarks.drills.bench import SIZE, Bench
from benchmarks.drills.bucket_faults import served

__all__ = ["busy", "failing"]

FAULTS = ("busy", "lost", "cut")
WRONG = ("damaged", "delete", "remove", "permission")
"""Advice that would cost data which is sound."""


def busy(bench: Bench) -> Iterator[str]:
    """Let a tenth of all requests fail: the build ends all the same, with the digest of one in a folder."""
    expected = bench.make(bench.plan(), bench.folder())
    for number in bench.tries(10):
        with served(bench.rng) as service:
            fault = FAULTS[number % 3]
            service.fails = lambda fault=fault: fault if bench.rng.random() < 0.1 else ""
            code, said = bench.call("synth", *_line(service.location))
            service.fails = lambda: ""
            yield _differs(service.location, expected) if code == 0 else f"code {code}: {said[-300:]}"


def failing(bench: Bench) -> Iterator[str]:
    """Let the service fail from some request on: a sentence with the right advice, then the same command goes on."""
    expected = bench.make(bench.plan(), bench.folder())
    for number in bench.tries(20):
        with served(bench.rng) as service:
            service.fails = _from_request(bench.rng.randrange(40), FAULTS[number % 3])
            told = [
                bench.call("synth", *line) for line in (_line(service.location), ("verify", service.location))
            ]
            service.fails = lambda: ""
            code, said = bench.call("synth", *_line(service.location))
            wrong = [text for code, text in told if code not in (0, 1) or any(word in text for word in WRONG)]
            unsaid = [text for code, text in told if code and "the bucket does not answer" not in text]
            failed = f"code {code}: {said[-300:]}" if code else _differs(service.location, expected)
            yield "; ".join(text[-300:] for text in wrong + unsaid) or failed


def _line(location: str) -> list[str]:
    return ["build", "phantom:4", location, "--size", str(SIZE), "--workers", "0"]


def _from_request(first: int, fault: str) -> Callable[[], str]:
    counted = itertools.count()
    return lambda: fault if next(counted) >= first else ""


def _differs(location: str, expected: str) -> str:
    version = open_version(location)
    if version.attributes["digest"] != expected:
        return "another digest"
    return "damaged" if list(damaged_files(version)) else ""
