"""Imports without a look for unused objects: what is made later is looked through as ever."""

import gc
from collections.abc import Iterator

import pytest

from artasyn.data_manifests.heavy_imports import heavy_imports


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()
    gc.enable()


class Knot:
    """An object that only a look for unused objects can free."""

    freed = 0

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        Knot.freed += 1


def test_nothing_is_looked_for_inside_and_what_lies_there_then_stays() -> None:
    with heavy_imports():
        assert not gc.isenabled()
        Knot()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 1000
    before = Knot.freed
    gc.collect()
    assert Knot.freed == before
    Knot()
    gc.collect()
    assert Knot.freed == before + 1


def test_only_the_first_of_a_process_sets_objects_apart() -> None:
    with heavy_imports():
        pass
    with heavy_imports():
        Knot()
    before = Knot.freed
    gc.collect()
    assert Knot.freed == before + 1


def test_a_failed_import_leaves_the_collector_as_it_was() -> None:
    with pytest.raises(ModuleNotFoundError), heavy_imports():
        import artasyn.no_such_module  # type: ignore[import-not-found]  # noqa: F401
    assert gc.isenabled()
    gc.disable()
    with heavy_imports():
        pass
    assert not gc.isenabled()
