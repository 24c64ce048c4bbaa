"""Laws of reading: faults of the file are ImageErrors, faults of the machine are tried again and then MachineErrors."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artasyn.data_manifests.errors import ImageError, MachineError
from artasyn.data_manifests.images import decode, file_bytes
from artasyn.data_manifests.images.decode import read_image
from artasyn.data_manifests.images.file_bytes import hash_file, read_file, read_start
from artasyn.data_manifests.images.file_types import looks_like_image

MACHINE = (errno.EIO, errno.ESTALE, errno.ENOMEM, errno.EMFILE)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    grey = np.random.default_rng(0).integers(0, 256, (40, 30), dtype=np.uint8)
    Image.fromarray(grey).save(tmp_path / "a.png")
    return tmp_path / "a.png"


def failing(patch: pytest.MonkeyPatch, error: BaseException, *, times: int) -> list[Path]:
    """Let the next `times` calls of open fail; return the list that notes the calls."""
    really, calls = file_bytes.open_regular, []

    def fail(path: Path) -> object:
        if path.suffix == ".png":
            calls.append(path)
            if len(calls) <= times:
                raise error
        return really(path)

    patch.setattr("artasyn.data_manifests.images.file_bytes.WAITS", (0.0, 0.0, 0.0))
    patch.setattr(file_bytes, "open_regular", fail)
    return calls


@pytest.mark.parametrize("number", MACHINE)
@pytest.mark.parametrize("read", [read_file, hash_file, read_image])
def test_a_fault_of_the_machine_is_tried_again(
    image: Path, monkeypatch: pytest.MonkeyPatch, number: int, read: Callable[[Path], object]
) -> None:
    expected = read(image)
    calls = failing(monkeypatch, OSError(number, os.strerror(number)), times=3)
    np.testing.assert_array_equal(read(image), expected)  # type: ignore[arg-type]
    assert len(calls) == 4


@pytest.mark.parametrize("error", [*(OSError(n, os.strerror(n)) for n in MACHINE), MemoryError()])
def test_a_machine_that_keeps_failing_is_told_from_the_image(
    image: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    failing(monkeypatch, error, times=9)
    with pytest.raises(MachineError, match=r"a\.png: cannot be read: .*, 4 times .*not the image"):
        read_image(image)


def test_a_missing_permission_is_said_at_once(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = failing(monkeypatch, PermissionError(errno.EACCES, "Permission denied"), times=9)
    with pytest.raises(MachineError, match=r"may not be read: Permission denied \(check its permissions"):
        read_image(image)
    assert len(calls) == 1


def test_what_is_no_regular_file_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name, kind in (("pipe", "unreadable"), ("loop", "missing"), ("\0", "missing"), ("no", "missing")):
        for read in (read_file, hash_file, lambda path: read_start(path, 4)):
            with pytest.raises(ImageError) as caught:
                read(tmp_path / name)
            assert caught.value.kind == kind
    assert not looks_like_image(tmp_path / "pipe")


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "sparse.png").open("wb") as file:
        file.truncate(200 * 2**30)
    for read in (read_file, hash_file):
        with pytest.raises(ImageError) as caught:
            read(tmp_path / "sparse.png")
        assert caught.value.kind == "too_large"


def test_memory_that_the_image_asks_for_is_told_from_memory_that_is_not_there(
    image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(decode, "grey_values", exhausted)
    with pytest.raises(ImageError):
        read_image(image)
    monkeypatch.setattr(decode, "_is_short", lambda _: True)
    with pytest.raises(MachineError, match=r"not enough memory to decode it \(give it more"):
        read_image(image)
