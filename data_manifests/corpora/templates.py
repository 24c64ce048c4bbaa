"""Fill columns of a row into a template: `p{subject_id:.2}/{dicom_id}.jpg` takes two characters of the first."""

import re
from collections.abc import Callable, Mapping
from functools import cache

__all__ = ["fields_of", "fill"]

FIELD = re.compile(r"\{([^{}:]+)(?::\.(\d+))?\}")


@cache
def fields_of(template: str) -> frozenset[str]:
    """Return the columns that a template needs."""
    return frozenset(name for name, _ in FIELD.findall(template))


def fill(template: str, row: Mapping[str, str]) -> str:
    """Return the template with its columns filled in. Raises KeyError for a column that the row lacks."""
    return _compiled(template)(row)


@cache
def _compiled(template: str) -> Callable[[Mapping[str, str]], str]:
    """Prepare a template once: a corpus fills the same few for each of its rows."""
    whole = FIELD.fullmatch(template)
    if "{" not in template:
        return lambda row: template  # noqa: ARG005, a constant needs no row
    if whole and not whole[2]:
        name = whole[1]
        return lambda row: row[name]
    parts = FIELD.split(template)
    literals = parts[0::3]
    columns = [
        (name, int(size) if size else None) for name, size in zip(parts[1::3], parts[2::3], strict=True)
    ]
    form = "%s".join(literal.replace("%", "%%") for literal in literals)
    return lambda row: form % tuple(row[name][:size] for name, size in columns)
