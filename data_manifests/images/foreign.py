"""Say what a file is that is no image of a kind read here, so that a refusal can name the remedy."""

__all__ = ["what_it_is"]

PICTURE = "convert it to PNG or TIFF of 8 or 16 bits"
VOLUME = "save the radiograph as PNG or DICOM, a mask as PNG"
PLAIN = "save it again as grey PNG of 8 or 16 bits"

STARTS: tuple[tuple[bytes, str, str], ...] = (
    (b"\0\0\0\x0cjP  ", "JPEG 2000", PICTURE),
    (b"\xff\x4f\xff\x51", "JPEG 2000", PICTURE),
    (b"\0\0\0\x0cJXL ", "JPEG XL", PICTURE),
    (b"\xff\x0a", "JPEG XL", PICTURE),
    (b"\xff\xd8\xff\xf7", "JPEG-LS", PICTURE),
    (b"\xff\xd8\xff", "JPEG of a kind not read here, of 12 bits or lossless perhaps", PICTURE),
    (b"II*\0", "TIFF of a kind not read here, of 64 bits or JPEG 2000 perhaps", PLAIN),
    (b"MM\0*", "TIFF of a kind not read here, of 64 bits or JPEG 2000 perhaps", PLAIN),
    (b"\x89PNG", "PNG whose header is damaged", "copy or download it again"),
    (b"P2", "a portable grey map (PGM)", PICTURE),
    (b"P5", "a portable grey map (PGM)", PICTURE),
    (b"P6", "a portable pixel map (PPM)", PICTURE),
    (b"8BPS", "a Photoshop file", PICTURE),
    (b"\x5c\x01\0\0", "NIfTI", VOLUME),
    (b"\0\0\x01\x5c", "NIfTI", VOLUME),
    (b"NRRD", "NRRD", VOLUME),
    (b"ObjectType", "MetaImage", VOLUME),
    (b"\x93NUMPY", "an array of NumPy", VOLUME),
    (b"\x89HDF", "HDF5", VOLUME),
    (b"%PDF", "a PDF", "export the picture in it as PNG"),
    (b"\x1f\x8b", "packed with gzip", "unpack it"),
    (b"PK\x03\x04", "a ZIP archive", "unpack it"),
    (b"version https://git-lfs", "a pointer of Git LFS in place of the file", "run git lfs pull"),
    (b"<", "text, a page of the web perhaps", "download the file itself"),
)
"""How files start, what they are, and what to do."""
BOXED = {b"avif": "AVIF", b"heic": "HEIC", b"mif1": "HEIF"}


def what_it_is(data: bytes) -> tuple[str, str]:
    """Return what the first bytes of a file say that it is, and what to do; ("", "") where they say nothing."""
    if data[4:8] == b"ftyp" and data[8:12] in BOXED:
        return BOXED[data[8:12]], PICTURE
    start = data[:64].lstrip(b"\xef\xbb\xbf \r\n\t")
    return next(((what, remedy) for magic, what, remedy in STARTS if start.startswith(magic)), ("", ""))
