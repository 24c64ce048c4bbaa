"""Okabe and Ito's colours, RGB, told apart by every kind of colour vision."""

__all__ = ["GREEN", "ORANGE", "PURPLE", "SKY_BLUE"]

SKY_BLUE = (86, 180, 233)
ORANGE = (230, 159, 0)
GREEN = (0, 158, 115)
PURPLE = (204, 121, 167)
