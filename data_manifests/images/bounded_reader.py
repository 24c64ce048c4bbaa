"""Bytes in memory that end a parser which goes on for ever."""

from io import BytesIO

__all__ = ["BoundedReader"]


class BoundedReader(BytesIO):
    """Bytes in memory that a parser may read in so many pieces: a file of a million empty parts ends here.

    Raises ValueError at the piece after the last allowed one.
    """

    def __init__(self, data: bytes, *, pieces: int) -> None:
        """Hold `data` for at most `pieces` calls of `read`."""
        super().__init__(data)
        self._left = pieces

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes, as BytesIO does."""
        self._left -= 1
        if self._left < 0:
            raise ValueError("is made of far more parts than any radiograph has")
        return super().read(size)
