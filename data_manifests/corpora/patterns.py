"""Regular expressions of manifests, bounded in length, memory and time: others may have written them."""

import functools
import math
import re

import regex  # type: ignore[import-untyped,unused-ignore]

from artasyn.data_manifests.errors import ConfigError

__all__ = ["check_pattern", "match_whole", "named_groups", "search"]

LONGEST = 2_000
"""Characters of an expression; the longest of the catalog has 130."""
REPEATS = 10_000
"""Largest product of all counts such as `{3}`: nested ones are laid out in memory."""
SECONDS = 1.0
"""Time that one text may take; ordinary expressions need microseconds."""
COUNT = re.compile(r"\{(\d*),?(\d*)\}")

Groups = dict[str, str]
"""What the named groups hold; "" for those that took no part."""


def check_pattern(pattern: str) -> None:
    """Raise ConfigError unless the text is a regular expression within the limits."""
    if len(pattern) > LONGEST:
        reason = f"is a regular expression of {len(pattern):,} characters, the limit is {LONGEST:,}"
        raise ConfigError(f"{pattern[:60]}...", reason)
    counts = [max(1, *(int(n or 0) for n in found.groups())) for found in COUNT.finditer(pattern)]
    if math.prod(counts) > REPEATS:
        raise ConfigError(pattern, f"repeats {math.prod(counts):,} times, the limit is {REPEATS:,}")
    try:
        re.compile(pattern)
        _compiled(pattern)
    except (re.error, regex.error, OverflowError, RecursionError) as error:
        raise ConfigError(pattern, f"is no regular expression: {error}") from error


def named_groups(pattern: str) -> list[str]:
    """Return the names of an expression's groups."""
    return list(_compiled(pattern).groupindex)


def match_whole(pattern: str, text: str) -> Groups | None:
    """Return the named groups where the whole text matches, else None. Raises ConfigError where it takes too long."""
    return _found(pattern, text, "fullmatch")


def search(pattern: str, text: str) -> Groups | None:
    """Return the named groups where a part of the text matches, else None. Raises as `match_whole` does."""
    return _found(pattern, text, "search")


def _found(pattern: str, text: str, how: str) -> Groups | None:
    try:
        match = getattr(_compiled(pattern), how)(text, timeout=SECONDS)
    except TimeoutError as error:
        reason = f"takes more than {SECONDS:g} s on `{text[:60]}`"
        raise ConfigError(pattern, reason, "write it without repeats within repeats") from error
    return None if match is None else {name: value or "" for name, value in match.groupdict().items()}


@functools.cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)
