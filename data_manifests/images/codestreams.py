"""Read the size that a compressed frame claims, before a decoder allocates it."""

__all__ = ["coded_size", "count_scans"]

SOI, SOS, SIZ = b"\xff\xd8", b"\xff\xda", b"\xff\x4f\xff\x51"
SIZ_WITHIN = 256  # bytes; the boxes of a JP2 file stand before the codestream
NOT_FRAMES = (0xC4, 0xC8, 0xCC)  # DHT, JPG, DAC: among the SOF codes but no frame headers
STANDALONE = (0x01, *range(0xD0, 0xD9))  # markers without a length
JPEG_LS = 0xF7


def coded_size(data: bytes) -> tuple[int, int] | None:
    """Return (height, width) of a JPEG, JPEG-LS or JPEG 2000 codestream; None where it tells none."""
    if data.startswith(SOI):
        return _jpeg_size(data)
    start = data.find(SIZ, 0, SIZ_WITHIN)
    if start < 0 or len(data) < start + 24:
        return None
    right, bottom, left, top = (int.from_bytes(data[start + at : start + at + 4]) for at in (8, 12, 16, 20))
    return bottom - top, right - left


def count_scans(data: bytes) -> int:
    """Return how many scans a JPEG has, those of a thumbnail included; 0 for anything else.

    Within coded data 0xFF is never followed by the letter of a marker, so that the bytes can be counted.
    """
    return data.count(SOS) if data.startswith(SOI) else 0


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Walk the marker segments up to the frame header. Source: ITU-T T.81 B.1 and T.87 C.1."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        code = data[at + 1]
        if code == 0xFF or code in STANDALONE:
            at += 1 if code == 0xFF else 2
            continue
        if code == JPEG_LS or (0xC0 <= code <= 0xCF and code not in NOT_FRAMES):
            return int.from_bytes(data[at + 5 : at + 7]), int.from_bytes(data[at + 7 : at + 9])
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return None
