"""All attacks of benchmarks/drills as one table: attack, tries, held.

    python -m benchmarks.faults [--scale 1] [--only TEXT] [--seed 0]

A scale of 1 takes some ten minutes of a quiet core and far longer beside other work, 0 is one try each.
Needs Linux; the full disk needs root.
"""

import argparse
import random
import tempfile
import time
from pathlib import Path
from unittest import mock

from benchmarks.drills.attacks import DRILLS
from benchmarks.drills.bench import SHARD_PIXELS, Bench

__all__ = ["drill"]


def drill(name: str, scratch: Path, *, scale: float, seed: int = 0) -> tuple[int, list[str]]:
    """Run one row of the table; return the number of tries and what did not hold."""
    bench = Bench(scratch, random.Random(f"{seed} {name}"), scale)
    with mock.patch("artasyn.data_manifests.store.contract.SHARD_PIXELS", SHARD_PIXELS):
        found = list(DRILLS[name](bench))
    return len(found), [text for text in found if text]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    width, lost = max(map(len, DRILLS)), 0
    print(f"{'attack':{width}}  tries   held  seconds")
    for name in (name for name in DRILLS if arguments.only in name):
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as scratch:
            tries, faults = drill(name, Path(scratch), scale=arguments.scale, seed=arguments.seed)
        lost += len(faults)
        seconds = time.monotonic() - began
        print(f"{name:{width}}  {tries:5d}  {tries - len(faults):5d}  {seconds:7.0f}", flush=True)
        for text in sorted(set(faults))[:5]:
            print(f"    {text}", flush=True)
    raise SystemExit(bool(lost))


if __name__ == "__main__":
    main()
