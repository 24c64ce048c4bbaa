"""Fixtures that every test file may use."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

os.environ["OMP_NUM_THREADS"] = "1"  # before torch and numpy load: tests, not threads, share the cores
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")  # a busy machine is no fault


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a GPU where there is none."""
    if item.get_closest_marker("cuda"):
        torch = pytest.importorskip("torch")
        if not torch.cuda.is_available():
            pytest.skip("no GPU here")


@pytest.fixture(scope="session")
def radiographs() -> Path:
    """Return the folder of real radiographs, or skip where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    root = Path(os.environ.get("ARTASYN_TEST_DATA", default))
    if not root.is_dir():
        pytest.skip(f"real radiographs not found in {root} (set ARTASYN_TEST_DATA)")
    return root


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return headless Chromium, or skip where Debian's chromium and chromium-driver are not installed."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        pytest.skip("no chromium and chromedriver (apt-get install chromium chromium-driver)")
    selenium = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    options = selenium.ChromeOptions()
    options.binary_location = chromium
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    running = selenium.Chrome(options=options, service=Service(driver))
    yield running
    running.quit()
