"""Print constraints.txt: the newest releases that fit together, as pip resolves them; nothing is installed.

python -m tools.constraints > constraints.txt
"""

import json
import subprocess
import sys

HEADER = (
    "# What a fresh environment installs, so that it is repeatable: pip install --constraint constraints.txt"
)
COMMAND = ("install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-", "torch", ".[dev]")


def main() -> None:
    command = [sys.executable, "-m", "pip", *COMMAND]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    releases = {item["metadata"]["name"]: item["metadata"]["version"] for item in report["install"]}
    releases.pop("artasyn", None)
    print(HEADER)
    for name in sorted(releases, key=str.lower):
        print(f"{name}=={releases[name]}")


if __name__ == "__main__":
    main()
