"""A small version with images that are left out, and the page's application on it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from starlette.testclient import TestClient

from artasyn.data_manifests.store.version import Version, open_version
from artasyn.synth.cli import main
from artasyn.synth.explore.application import application
from artasyn.synth.explore.exploration import Exploration, open_exploration
from artasyn.synth.sources.phantom import draw_phantom, render_phantom
from tests.synth.explore.pages import explored, open_page

TOKEN = "secret"
ADDRESS = "http://127.0.0.1:8000"
EVIL = "no<b>lung.png"
"""The name of an image without lungs, which must never become markup."""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of three phantoms, an image without lungs, and a file that is no image."""
    made = tmp_path_factory.mktemp("radiographs")
    for seed in range(3):
        drawn = draw_phantom(rng=np.random.default_rng(seed), abnormal=False)
        Image.fromarray(render_phantom(drawn, size=128).image).save(made / f"chest_{seed}.png")
    ramp = np.tile(np.linspace(0, 255, 120).astype(np.uint8), (90, 1))
    Image.fromarray(ramp).save(made / EVIL)
    (made / "broken.png").write_bytes(b"nonsense")
    return made


@pytest.fixture(scope="session")
def stores(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with the versions `made` (synthetic, of the folder) and `real` (evaluation, of phantoms)."""
    store = tmp_path_factory.mktemp("explored") / "store"
    for call in (
        ["build", str(folder), str(store), "--tag", "made", "--size", "64", "--workers", "0"],
        ["ingest", "phantom:4", str(store), "--tag", "real", "--size", "64", "--workers", "0"],
    ):
        done = CliRunner().invoke(main, call)
        assert done.exit_code == 0, done.output
    return store


@pytest.fixture(scope="session")
def version(stores: Path) -> Version:
    return open_version(f"{stores}@made")


@pytest.fixture(scope="session")
def exploration(stores: Path) -> Exploration:
    return open_exploration(f"{stores}@made")


@pytest.fixture
def stranger(exploration: Exploration) -> TestClient:
    """Return who does not know the token."""
    return TestClient(application(exploration, token=TOKEN), base_url=ADDRESS)


@pytest.fixture
def client(stranger: TestClient) -> TestClient:
    """Return who opened the printed address."""
    assert stranger.get(f"/?token={TOKEN}").status_code == 200
    stranger.headers["origin"] = ADDRESS
    return stranger


@pytest.fixture(scope="session")
def phantoms() -> Iterator[str]:
    with explored("phantom:3") as address:
        yield address


@pytest.fixture(scope="session")
def browsed(stores: Path) -> Iterator[str]:
    with explored(f"{stores}@made") as address:
        yield address


@pytest.fixture
def page(browser: Any, phantoms: str) -> Any:
    return open_page(browser, phantoms, "#panels img")


@pytest.fixture
def version_page(browser: Any, browsed: str) -> Any:
    return open_page(browser, browsed, "#rows .open img")
