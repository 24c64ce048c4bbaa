"""From per-image results to figures, curves, subgroups."""
