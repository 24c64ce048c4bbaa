"""Checks of settings by name: shares, ranges, signs."""

from artasyn.data_manifests.errors import ConfigError

__all__ = ["check_not_negative", "check_positive", "check_range", "check_share"]


def check_share(config: object, *names: str) -> None:
    """Raise ConfigError for a setting outside [0, 1]."""
    for name in names:
        if not 0 <= getattr(config, name) <= 1:
            raise ConfigError(name, f"must lie in [0, 1], got {getattr(config, name)}")


def check_range(config: object, *names: str, low: float = 0.0, high: float = 1.0) -> None:
    """Raise ConfigError for a range that ends before it begins, or leaves [low, high]."""
    for name in names:
        first, last = getattr(config, name)
        if not low <= first <= last <= high:
            rule = f"must be a range (low, high) within [{low:g}, {high:g}]"
            raise ConfigError(name, f"{rule}, got {(first, last)}")


def check_positive(config: object, *names: str) -> None:
    """Raise ConfigError for a setting that is not above 0."""
    for name in names:
        if not getattr(config, name) > 0:
            raise ConfigError(name, f"must be above 0, got {getattr(config, name)}")


def check_not_negative(config: object, *names: str) -> None:
    """Raise ConfigError for a setting below 0."""
    for name in names:
        if not getattr(config, name) >= 0:
            raise ConfigError(name, f"must be 0 or more, got {getattr(config, name)}")
