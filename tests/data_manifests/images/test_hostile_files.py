"""Files made to take for ever: refused at once, whatever they are."""

import os
import socket
import struct
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artasyn.data_manifests.config import read_toml
from artasyn.data_manifests.corpora.file_tree import scan
from artasyn.data_manifests.errors import ConfigError, ImageError
from artasyn.data_manifests.images.bounded_reader import BoundedReader
from artasyn.data_manifests.images.codestreams import count_scans
from artasyn.data_manifests.images.decode import read_image, read_mask
from artasyn.data_manifests.images.file_types import is_dicom, looks_like_image
from tests.data_manifests.images.radiographs import make, save

SECONDS = 10
"""Of the processor, more than any file here may take; each took from 35 s to for ever before."""


def refusal(path: Path) -> ImageError:
    started = time.process_time()
    with pytest.raises(ImageError, match=path.name) as caught:
        read_image(path)
    assert time.process_time() - started < SECONDS
    return caught.value


def special(folder: Path) -> dict[str, Path]:
    os.mkfifo(folder / "pipe.png")
    (folder / "loop.png").symlink_to(folder / "loop.png")
    (folder / "zero.png").symlink_to("/dev/zero")
    (folder / "process.png").symlink_to("/proc/self/maps")
    (folder / "folder.png").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket.png"))
    with (folder / "sparse.png").open("wb") as file:
        file.truncate(200 * 2**30)
    return {path.stem: path for path in folder.iterdir()}


def test_pipes_devices_links_to_themselves_and_sparse_giants_are_refused_at_once(tmp_path: Path) -> None:
    kinds = {name: refusal(path).kind for name, path in special(tmp_path).items()}
    assert kinds.pop("sparse") == "too_large"
    assert kinds.pop("loop") == "missing"
    assert kinds.pop("process") == "empty_file"
    assert set(kinds.values()) == {"unreadable"}
    assert len(kinds) == 4


def test_what_is_no_regular_file_is_no_image_without_a_suffix_either(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "IM0001")
    assert not looks_like_image(tmp_path / "IM0001")
    with pytest.raises(ImageError, match="is not a file"):
        is_dicom(tmp_path / "IM0001")
    with pytest.raises(ImageError, match="is not a file"):
        read_mask(tmp_path / "IM0001")


def test_a_reader_ends_after_its_pieces() -> None:
    reader = BoundedReader(b"abc", pieces=2)
    assert reader.read(1) + reader.read(2) == b"abc"
    with pytest.raises(ValueError, match="more parts"):
        reader.read(1)


def test_a_tiff_of_many_chained_directories_has_several_frames(tmp_path: Path) -> None:
    Image.fromarray(np.arange(400, dtype=np.uint8).reshape(20, 20)).save(tmp_path / "a.tif")
    data = bytearray((tmp_path / "a.tif").read_bytes())
    at = int.from_bytes(data[4:8], "little")
    directory = bytes(data[at : at + 2 + 12 * int.from_bytes(data[at : at + 2], "little")])
    end, step = len(data) + len(data) % 2, len(directory) + 4
    data[at + len(directory) : at + len(directory) + 4] = struct.pack("<I", end)
    chain = b"".join(directory + struct.pack("<I", end + k * step) for k in range(1, 30_001))
    (tmp_path / "a.tif").write_bytes(bytes(data).ljust(end, b"\0") + chain)
    assert refusal(tmp_path / "a.tif").kind == "multi_frame"


def test_a_progressive_jpeg_of_endless_scans_is_refused_and_an_ordinary_one_read(tmp_path: Path) -> None:
    picture = Image.fromarray(np.tile(np.arange(256, dtype=np.uint8), (256, 1)))
    picture.save(tmp_path / "a.jpg", progressive=True, quality=95)
    assert read_image(tmp_path / "a.jpg").shape == (256, 256)
    data = (tmp_path / "a.jpg").read_bytes()
    assert 2 < count_scans(data) < 20
    last = data.rindex(b"\xff\xda")
    scan = data[last : data.rindex(b"\xff\xd9")]
    (tmp_path / "b.jpg").write_bytes(data[:last] + scan * 20_000 + b"\xff\xd9")
    assert refusal(tmp_path / "b.jpg").kind == "too_large"


def test_a_png_of_millions_of_chunks_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.arange(400, dtype=np.uint8).reshape(20, 20)).save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    empty = struct.pack(">I", 0) + b"abCd" + bytes.fromhex("a0b2f1d6")
    (tmp_path / "a.png").write_bytes(data[:33] + empty * 2_000_000 + data[33:])
    assert refusal(tmp_path / "a.png").kind in ("not_an_image", "unreadable")


def test_a_dicom_header_of_a_million_items_or_elements_is_refused(tmp_path: Path) -> None:
    whole = save(make(), tmp_path / "a.dcm").read_bytes()
    at = whole.index(b"\xe0\x7f\x10\x00")
    items = b"\x09\x00\x10\x10SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\0\0\0\0" * 1_000_000
    (tmp_path / "items.dcm").write_bytes(whole[:at] + items + b"\xfe\xff\xdd\xe0\0\0\0\0" + whole[at:])
    assert refusal(tmp_path / "items.dcm").kind == "too_large"
    elements = b"".join(
        struct.pack("<HH2sH", 0x2001 + k // 60_000 * 2, k % 60_000, b"LO", 0) for k in range(500_000)
    )
    (tmp_path / "elements.dcm").write_bytes(whole[:at] + elements + whole[at:])
    assert refusal(tmp_path / "elements.dcm").kind == "not_an_image"


def test_deeply_nested_items_are_refused(tmp_path: Path) -> None:
    whole = save(make(), tmp_path / "a.dcm").read_bytes()
    at = whole.index(b"\xe0\x7f\x10\x00")
    inner = (b"\x09\x00\x10\x10SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff") * 5000
    (tmp_path / "a.dcm").write_bytes(whole[:at] + inner + whole[at:])
    assert refusal(tmp_path / "a.dcm").kind == "not_an_image"


def test_a_link_to_itself_does_not_block_its_corpus(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "a.png").write_bytes(b"a")
    assert scan(tmp_path).paths == ("a.png", "loop")


def test_deeply_nested_toml_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("a = " + "[" * 50_000)
    with pytest.raises(ConfigError, match="nested too deeply"):
        read_toml(tmp_path / "a.toml")
