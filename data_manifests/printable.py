"""Make text of others fit for a terminal and for a spreadsheet: names may hold what these would obey."""

import re

__all__ = ["cell", "printable"]

OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters but tab and line end, and those that turn the direction of text."""
FORMULA = re.compile(r"\s*[=@+]|\s*-(?![\d.])|[\t\r]")


def printable(text: str) -> str:
    """Return the text with control characters written out, such as \\x1b."""
    return OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def cell(value: object) -> object:
    """Return the value of a cell; text that a spreadsheet would take for a formula gets an apostrophe in front."""
    if not isinstance(value, str):
        return value
    return f"'{value}" if FORMULA.match(value) else value
