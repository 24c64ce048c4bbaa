"""What is burnt into radiographs: side letters, and the bars left by the collimator."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["BurnedIn", "Letter", "burn_in", "draw_burned_in"]

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


def burn_in(pixels: Tensor, marks: Sequence[BurnedIn]) -> Tensor:
    """Return `(B, 2 + K, H, W)` of image, normal image and masks with the marks of each; bars hide what masks mark."""
    result = pixels.clone()
    for image, mark in zip(result, marks, strict=True):
        for letter in mark.letters:
            _stamp_(image[:2], letter)
        if any(mark.bars):
            _cover_(image, mark)
    return result


def _stamp_(grey: Tensor, letter: Letter) -> None:
    """Brighten the letter's pixels of `(2, H, W)` in place."""
    side = grey.shape[-1]
    height = max(7, round(letter.height * side))
    rows = torch.tensor(GLYPHS[letter.glyph])
    glyph = ((rows[:, None] >> torch.arange(5)) & 1).float()  # (7, 5)
    glyph = F.interpolate(glyph[None, None], size=(height, max(5, height * 5 // 7)), mode="nearest")[0, 0]
    top, left = round(letter.row * side), round(letter.column * side)
    part = grey[:, top : top + glyph.shape[0], left : left + glyph.shape[1]]
    glyph = glyph[: part.shape[1], : part.shape[2]].to(grey)
    part.copy_(torch.maximum(part, glyph * letter.grey))


def _cover_(image: Tensor, mark: BurnedIn) -> None:
    """Paint the bars over `(2 + K, H, W)` in place."""
    side = image.shape[-1]
    top, bottom, left, right = (round(width * side) for width in mark.bars)
    for part in (image[:, :top], image[:, side - bottom :], image[:, :, :left], image[:, :, side - right :]):
        part[:2] = mark.bar_grey
        part[2:] = 0
