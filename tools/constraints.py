"""Print constraints.txt: the newest releases that fit together, as pip resolves them; nothing is installed.

    python -m tools.constraints > constraints.txt

torch stays at the release of the file as it is: others, such as a torchvision beside it, are built for one release
alone. What torch itself pins, the parts of CUDA, is left out: it depends on where torch is taken from.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

HEADER = (
    "# What a fresh environment installs, so that it is repeatable: pip install --constraint constraints.txt"
)
KNOWN = Path(__file__).parents[1] / "constraints.txt"
OF_TORCH = re.compile("nvidia-.*|cuda-.*|triton")
COMMAND = ("install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-", ".[dev]")


def main() -> None:
    (torch,) = (line for line in KNOWN.read_text().splitlines() if line.startswith("torch=="))
    command = [sys.executable, "-m", "pip", *COMMAND, torch]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    releases = {item["metadata"]["name"]: item["metadata"]["version"] for item in report["install"]}
    releases.pop("artasyn", None)
    print(HEADER)
    for name in sorted(releases, key=str.lower):
        if not OF_TORCH.fullmatch(name):
            print(f"{name}=={releases[name].partition('+')[0]}")


if __name__ == "__main__":
    main()
