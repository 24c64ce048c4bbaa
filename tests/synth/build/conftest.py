"""Two studies a shard, so that a small build has several."""

import pytest

from tests.synth.build.builds import SHARD_PIXELS


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("artasyn.data_manifests.store.contract.SHARD_PIXELS", SHARD_PIXELS)
