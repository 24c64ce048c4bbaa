"""Bounds of settings: one check, whose message names the setting, its bounds and the value got."""

from artasyn.data_manifests.errors import ConfigError

__all__ = ["check_bounds"]


def check_bounds(
    config: object,
    *names: str,
    table: str,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
) -> None:
    """Raise ConfigError for the first setting of `table` that is out of bounds; of a tuple every value counts.

    It must be `least` or more, or `above`; and, where one of these is given, `most` or less, or `below`.
    """
    for name in names:
        found = getattr(config, name)
        for value in found if isinstance(found, tuple) else (found,):
            low = value >= least if least is not None else above is None or value > above
            high = value <= most if most is not None else below is None or value < below
            if not (low and high):
                raise ConfigError(
                    f"{table}.{name}", f"must be {_said(least, above, most, below)}, got {value}"
                )


def _said(least: float | None, above: float | None, most: float | None, below: float | None) -> str:
    first, last = above if least is None else least, below if most is None else most
    if last is None:
        return f"above {above:g}" if least is None else f"at least {least:g}"
    return f"in {'(' if least is None else '['}{first:g}, {last:g}{')' if most is None else ']'}"
