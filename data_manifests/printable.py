"""Make text of others fit for a terminal and for a spreadsheet: names may hold what these would obey."""

import contextlib
import re
import unicodedata

__all__ = ["cell", "printable"]

FORMULA = re.compile(r"\s*[=@+-]|[\t\r]")


def printable(text: str) -> str:
    """Return the text with whatever steers a terminal, or turns the direction of writing, shown as an escape."""
    return "".join(c if _is_harmless(c) else _escaped(c) for c in text)


def _is_harmless(character: str) -> bool:
    return character in "\n\t" or character.isprintable() or unicodedata.category(character) == "Zs"


def _escaped(character: str) -> str:
    # Undecodable bytes of file names are surrogates, which no terminal can be sent.
    return character.encode("unicode_escape").decode("ascii")


def cell(value: object) -> object:
    """Return the value of a cell; text that a spreadsheet would take for a formula gets an apostrophe."""
    if not isinstance(value, str) or not FORMULA.match(value):
        return value
    with contextlib.suppress(ValueError):
        float(value)
        return value
    return f"'{value}"
