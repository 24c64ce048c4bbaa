"""The commands that print how true the masks are, and that replay the records."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from artasyn.data_manifests.store.blobs import open_blobs
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.synth.build.plan import make_plan
from artasyn.synth.build.selection import Selection
from artasyn.synth.build.shards import build_shards
from artasyn.synth.cli import main
from artasyn.synth.config import load_config
from artasyn.synth.versions.gallery import gallery_sheet
from artasyn.synth.versions.mask_shares import measure_shares
from artasyn.synth.versions.replay import replay_records


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    config = replace(load_config("default"), size=64)
    plan = make_plan(Selection(corpus="phantom:2"), kind="synthetic", config=config, seed=0)
    draft = plan.draft(open_blobs(str(tmp_path_factory.mktemp("store"))))
    for _ in build_shards(plan, draft):
        pass
    draft.commit({"kind": plan.kind})
    return open_version(draft.blobs.location)


def test_masks_are_what_changed_visibly_and_info_says_so(version: Version) -> None:
    shares = measure_shares(version, samples=100)
    assert (shares.samples, shares.visible, shares.unchanged, shares.specks) == (12, 1.0, 0.0, 0)
    samples = [version.read(int(row), channels=("mask", "outline")) for row in version.rows(status="ok")]
    mask, outline = np.stack(samples, 1)
    assert shares.outline_extra == pytest.approx(((outline > 0) & (mask == 0)).sum() / (outline > 0).sum())
    assert shares.fringe == pytest.approx(((mask > 0) & (outline == 0)).sum() / (mask > 0).sum())
    result = CliRunner().invoke(main, ["info", version.blobs.location])
    assert "mask  of 12 samples: 100.0 % of its pixels changed by at least 6 of 255" in result.output


def test_every_record_replays_through_the_command(version: Version) -> None:
    result = CliRunner().invoke(main, ["verify", version.blobs.location, "--records"])
    assert result.exit_code == 0, result.output
    assert "all 12 records render to the bytes that are stored" in result.output


def test_a_record_that_gives_other_bytes_is_named(version: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    records = version.table["record"].copy()
    values = json.loads(str(records[0]))
    values["blend"]["reach"] *= 0.5
    records[0], records[1] = json.dumps(values), "{}"
    monkeypatch.setitem(version.table._read, "record", records)
    found = dict(replay_records(version, [0, 1, 2]))
    assert "altered" in found[0]
    assert "cannot be rendered" in found[1]
    assert found[2] == ""


def test_the_gallery_has_a_line_of_words_below_every_strip(version: Version, tmp_path: Path) -> None:
    with_words = gallery_sheet(version, count=2, columns=1)
    assert with_words.shape == (20 + 2 * (64 + 20 + 6), 4 * 64 + 3 * 4, 3)
    result = CliRunner().invoke(main, ["gallery", version.blobs.location, str(tmp_path / "g.png")])
    assert result.exit_code == 0, result.output
