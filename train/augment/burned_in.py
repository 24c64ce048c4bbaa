"""What is burnt into radiographs: side letters, and the bars left by the collimator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from artasyn.train.augment.chosen import Chosen

__all__ = ["BurnIn", "BurnedIn", "Letter", "burn_in", "draw_burned_in", "plan_burned_in"]

GLYPHS = (
    (1, 1, 1, 1, 1, 1, 31),  # L, bits of each row from the left
    (15, 17, 17, 15, 5, 9, 17),  # R
    (14, 17, 17, 31, 17, 17, 17),  # A
    (15, 17, 17, 15, 1, 1, 1),  # P
    (31, 4, 4, 4, 4, 4, 4),  # T
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One bright letter; places and height are shares of the side."""

    glyph: int
    row: float
    column: float
    height: float
    grey: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnedIn:
    """What is burnt into one image."""

    letters: tuple[Letter, ...]
    bars: tuple[float, float, float, float]
    """Width of the bars at the top, bottom, left and right, as shares of the side."""
    bar_grey: float


def draw_burned_in(
    count: int, *, markers: float, border: float, width: float, generator: torch.Generator
) -> tuple[BurnedIn, ...]:
    """Draw marks for `count` images: letters with chance `markers`, bars up to `width` with chance `border`."""
    return tuple(
        _draw_marks(u, markers=markers, border=border, width=width)
        for u in torch.rand(count, 20, generator=generator).tolist()
    )


def _draw_marks(u: list[float], *, markers: float, border: float, width: float) -> BurnedIn:
    """Turn twenty uniform numbers into marks; about two sides of four get a bar."""
    letters = tuple(_letter(u[8 + 6 * i : 14 + 6 * i]) for i in range(2) if u[0] < markers / (1 + i))
    bars = tuple(width * x if u[1] < border and x > 0.5 else 0.0 for x in u[2:6])
    return BurnedIn(
        letters=letters, bars=(bars[0], bars[1], bars[2], bars[3]), bar_grey=0.0 if u[6] < 0.8 else u[7]
    )


def _letter(u: list[float]) -> Letter:
    """Place a letter near the left or right edge, more often high than low."""
    column = 0.02 + 0.1 * u[2] if u[1] < 0.5 else 0.86 + 0.08 * u[2]
    return Letter(
        glyph=int(u[0] * len(GLYPHS)),
        row=0.02 + 0.85 * u[3] ** 2,
        column=column,
        height=0.04 + 0.06 * u[4],
        grey=0.6 + 0.4 * u[5],
    )


class BurnIn(NamedTuple):
    """Marks of the images of a batch, rasterised."""

    letters: Chosen
    """`(H, W)`: brightness of the letters, 0 beside them."""
    bars: Chosen
    """`(5,)`: width of the bars at the top, bottom, left and right, in pixels, and their grey value."""


def plan_burned_in(marks: Sequence[BurnedIn], side: int) -> BurnIn:
    """Rasterise the marks of each image at `side` pixels."""
    lettered = [k for k, mark in enumerate(marks) if mark.letters]
    planes = [_letters(marks[k].letters, side) for k in lettered]
    barred = [k for k, mark in enumerate(marks) if any(mark.bars)]
    bars = [[*(round(width * side) for width in marks[k].bars), marks[k].bar_grey] for k in barred]
    return BurnIn(
        Chosen(
            torch.tensor(lettered, dtype=torch.int64),
            torch.stack(planes) if planes else torch.empty(0, side, side),
        ),
        Chosen(torch.tensor(barred, dtype=torch.int64), torch.tensor(bars).view(-1, 5)),
    )


def burn_in(pixels: Tensor, marks: BurnIn) -> Tensor:
    """Return `(B, 2 + K, H, W)` of image, normal image and masks with the marks of each; bars hide what masks mark."""
    result = pixels.clone()
    if marks.letters:
        places, planes = marks.letters
        result[places, :2] = torch.maximum(result[places, :2], planes[:, None])
    if marks.bars:
        places, numbers = marks.bars
        result[places] = _cover(result[places], numbers)
    return result


def _letters(letters: Sequence[Letter], side: int) -> Tensor:
    plane = torch.zeros(side, side)
    for letter in letters:
        _stamp_(plane, letter)
    return plane


def _stamp_(plane: Tensor, letter: Letter) -> None:
    """Brighten the letter's pixels of `(H, W)` in place."""
    side = plane.shape[-1]
    height = max(7, round(letter.height * side))
    rows = torch.tensor(GLYPHS[letter.glyph])
    glyph = ((rows[:, None] >> torch.arange(5)) & 1).float()  # (7, 5)
    glyph = F.interpolate(glyph[None, None], size=(height, max(5, height * 5 // 7)), mode="nearest")[0, 0]
    top, left = round(letter.row * side), round(letter.column * side)
    part = plane[top : top + glyph.shape[0], left : left + glyph.shape[1]]
    part.copy_(torch.maximum(part, glyph[: part.shape[0], : part.shape[1]] * letter.grey))


def _cover(pixels: Tensor, numbers: Tensor) -> Tensor:
    """Return `(k, 2 + K, H, W)` with the bars `(k, 5)` of each."""
    top, bottom, left, right, grey = numbers[:, :, None, None].unbind(dim=1)  # (k, 1, 1) each
    height, width = pixels.shape[2:]
    rows = torch.arange(height, device=pixels.device)[:, None]
    columns = torch.arange(width, device=pixels.device)
    covered = (rows < top) | (rows >= height - bottom) | (columns < left) | (columns >= width - right)
    shown = torch.where(covered[:, None], grey[:, None], pixels[:, :2])
    return torch.cat((shown, pixels[:, 2:] * ~covered[:, None]), dim=1)
