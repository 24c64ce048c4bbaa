"""A trained run and a store of unlabelled images to adapt it to."""

from pathlib import Path

import pytest
import torch

from tests.train.adaptation.adaptations import NewStore
from tests.train.trainings import Small, train


@pytest.fixture(scope="session")
def run(toy_store: str, small: Small, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of sixty steps: long enough to mark something."""
    torch.set_num_threads(1)
    return train(small(schedule={"steps": 60}), toy_store, tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture(scope="session")
def clinic(new_store: NewStore, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a store of unlabelled images, with opacities."""
    return new_store(tmp_path_factory.mktemp("clinic") / "clinic", studies=20, kind="evaluation", first=100)
