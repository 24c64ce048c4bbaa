"""Break long lines at spaces for a terminal; what goes into a file or a pipe stays as it is."""

import re
import shutil
import sys
import textwrap

__all__ = ["fit_terminal"]

NARROWEST = 40
"""Columns; a terminal that claims fewer breaks lines itself."""
LABEL = re.compile(r"\s*(?:[^\s:]+ ){0,2}[^\s:]+ {2,}(?=\S)")
"""What stands before the text of a line such as `   counts  60 normal, 0 abnormal`: up to three words and a gap."""


def fit_terminal(text: str, *, err: bool = False) -> str:
    """Return the text broken to the width of standard output (or error); unchanged where that is no terminal."""
    if not (sys.stderr if err else sys.stdout).isatty():
        return text
    width = shutil.get_terminal_size().columns
    return text if width < NARROWEST else "\n".join(_broken(line, width) for line in text.split("\n"))


def _broken(line: str, width: int) -> str:
    """Return a line broken at spaces, what follows indented below its text; paths and commands stay whole."""
    if len(line) <= width:
        return line
    label = LABEL.match(line)
    indent = len(label[0]) if label else len(line) - len(line.lstrip()) + 2
    glued = textwrap.fill(
        line.replace(" %", "\u00a0%"),  # a number keeps its unit
        width,
        subsequent_indent=" " * min(indent, width // 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return glued.replace("\u00a0%", " %")
