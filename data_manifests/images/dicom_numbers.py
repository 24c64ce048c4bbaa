"""Numbers of a DICOM header as devices write them, rule or no rule: decimal commas, wrong types, no numbers at all."""

import math
from typing import Any

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

__all__ = ["first_number", "numbers"]

TEXT = ("DS", "IS", "LO", "SH", "UN", "", None)  # types whose values are, or may be, written out


def numbers(dataset: Dataset, keyword: str) -> list[float]:
    """Return the values of an element; NaN for what is no finite number; an empty list where it is absent or empty."""
    if keyword not in dataset:
        return []
    element: Any = dataset.get_item(keyword)
    if isinstance(element, RawDataElement) and element.VR in TEXT and isinstance(element.value, bytes):
        # pydicom would refuse the whole header for a decimal comma.
        text = element.value.decode("ascii", "replace").strip(" \0")
        values: Any = text.split("\\") if text else []
    else:
        values = dataset[keyword].value
    if values is None or values == "":
        return []
    if isinstance(values, str | bytes) or not hasattr(values, "__iter__"):
        values = [values]
    return [_number(value) for value in values]


def first_number(dataset: Dataset, keyword: str) -> float | None:
    """Return the first value, NaN where it is no finite number, None where the element is absent or empty."""
    values = numbers(dataset, keyword)
    return values[0] if values else None


def _number(value: Any) -> float:
    try:
        number = float(str(value).strip(" \0").replace(",", "."))
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
