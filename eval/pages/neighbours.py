"""What lies together with a report: the curves of its run, and the run's other reports."""

import os
from pathlib import Path

__all__ = ["neighbours"]

FARTHEST = 3
"""Folders between a report and what it links to; what is farther away does not travel with it."""


def neighbours(report: Path, run: Path) -> list[tuple[str, str]]:
    """Return name and relative address of each file that a report in the folder `report` may link to."""
    found = [("curves of the run", run / "curves.png")]
    found += [
        (page.parent.name, page)
        for page in sorted((run / "scores").glob("*/report.html"))
        if page.parent.resolve() != report.resolve()
    ]
    links = [
        (name, Path(os.path.relpath(file.resolve(), report.resolve())))
        for name, file in found
        if file.is_file()
    ]
    return [(name, link.as_posix()) for name, link in links if link.parts.count("..") <= FARTHEST]
