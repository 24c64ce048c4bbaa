"""Laws of run lengths: down the columns, and COCO's packed counts unpack to the same."""

import numpy as np
import pytest

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.run_lengths import decode_runs, merge_runs, runs_of_coco


def test_runs_go_down_the_columns_from_the_end_of_the_run_before() -> None:
    mask = decode_runs("1 2 3 1", (3, 4))
    assert [tuple(place) for place in np.argwhere(mask)] == [(0, 2), (1, 0), (2, 0)]
    assert not merge_runs((), (3, 4)).any()
    for text in ("1", "1 x", "-1 2", "5 99"):
        with pytest.raises(ImageError, match="mask"):
            decode_runs(text, (3, 4))


def coco(numbers: list[int]) -> str:
    """Pack run lengths as the COCO API does: an encoder written from its description, as an oracle."""
    out = ""
    for place, number in enumerate(numbers):
        value = number - (numbers[place - 2] if place > 2 else 0)
        while True:
            bits = value & 31
            value >>= 5
            more = value != (-1 if bits & 16 else 0)
            out += chr(bits + (32 if more else 0) + 48)
            if not more:
                break
    return out


@pytest.mark.parametrize("numbers", [[0, 3], [5, 40, 900, 2, 1, 70000], [7, 1, 2, 3, 4], []])
def test_coco_counts_unpack_to_pairs(numbers: list[int]) -> None:
    assert runs_of_coco(coco(numbers)) == " ".join(map(str, numbers[: len(numbers) // 2 * 2]))
