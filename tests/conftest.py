"""Fixtures that every test file may use."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def films() -> Path:
    """Return the folder of real radiographs, or skip where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    root = Path(os.environ.get("ARTASYN_TEST_DATA", default))
    if not root.is_dir():
        pytest.skip(f"real radiographs not found in {root} (set ARTASYN_TEST_DATA)")
    return root
