"""Does more marked lung mean more severe disease? Rank correlation with numeric columns of the store."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ConfigError
from artasyn.eval.metrics.bootstrap import draw
from artasyn.eval.metrics.rank_correlation import spearman
from artasyn.eval.metrics.ranking import Floats
from artasyn.eval.scoring.results import ScoredImages
from artasyn.eval.scoring.selection import Selection, number_of

__all__ = ["check_columns", "severity"]

FEWEST_VALUES = 3
"""Images with a number below which nothing can be ranked."""


def check_columns(cases: Selection, columns: Sequence[str]) -> None:
    """Raise ConfigError where a column is named twice, or the scored images have no numbers in it."""
    for column in columns:
        if columns.count(column) > 1:
            raise ConfigError("severity", f"names column {column!r} twice", "name each column once")
        _check_column(cases, column)


def _check_column(cases: Selection, column: str) -> None:
    if column not in cases.columns:
        kept = ", ".join(cases.columns) or "none"
        remedy = f"the store keeps {kept}; `artasyn-synth ingest --keep-columns` keeps more"
        raise ConfigError("severity", f"the store has no column {column!r}", remedy)
    if (count := int(np.isfinite(_numbers(cases, column)).sum())) < FEWEST_VALUES:
        reason = f"column {column!r} holds {count} numbers among the scored images"
        raise ConfigError("severity", reason, "choose a column of numbers")


def severity(table: ScoredImages, column: str) -> dict[str, Any]:
    """Return Spearman's correlation of the column with marked share of the lungs, image score and mean grey value.

    Over the images with a number there and a lung field, whatever their label; patients are drawn whole.
    """
    numbers = _numbers(table.cases, column)
    chosen = np.isfinite(numbers) & table.has_lungs
    against = {
        "marked_share_of_lungs": table.marked_share_of_lungs("run"),
        "image_score": table.score("run"),
        "mean_intensity": table.score("mean_intensity"),
    }

    def figures(weights: Floats) -> dict[str, Floats]:
        return {
            name: spearman(values[chosen], numbers[chosen], weights=weights)
            for name, values in against.items()
        }

    drawn = draw(figures, table.weights[:, chosen])
    counts = {
        "images": int(chosen.sum()),
        "without_a_number": int(np.count_nonzero(~np.isfinite(numbers))),
        "without_lungs": int(np.count_nonzero(np.isfinite(numbers) & ~table.has_lungs)),
    }
    return {
        "column": column,
        **counts,
        "spearman": {name: figure.to_dict() for name, figure in drawn.items()},
    }


def _numbers(cases: Selection, column: str) -> NDArray[np.float64]:
    return np.array([number_of(text) for text in cases.column(column)], np.float64)
