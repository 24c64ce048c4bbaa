"""The measurement of a GPU, in miniature on a processor."""

import json
from pathlib import Path

from click.testing import CliRunner

from benchmarks.gpu import main

RECIPE = """
[network.compact]
fold = 2
widths = [8, 16]
bottom_blocks = 1
pretrained = false
[data]
studies = 4
"""


def test_it_measures_every_recipe_and_writes_a_table(toy_store: str, tmp_path: Path) -> None:
    recipe, out = tmp_path / "tiny.toml", tmp_path / "gpu.json"
    recipe.write_text(RECIPE)
    arguments = [
        toy_store,
        "--preset",
        str(recipe),
        "--preset",
        "default",
        "--preset",
        "gpu",
        "--minutes",
        "0.01",
        "--device",
        "cpu",
    ]
    done = CliRunner().invoke(main, [*arguments, "--out", str(out)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    found = json.loads(out.read_text())
    assert [row["preset"] for row in found["rows"]] == ["tiny", "default", "gpu"]
    for row in found["rows"]:
        assert row["seen"] == 32
        assert row["workers"] == 0
        assert row["steps_per_second"] > 0
        assert row["images_per_second"] > row["steps_per_second"]
        assert 0 <= row["share_waiting"] <= 1
        assert row["memory_mib"] > 0
        assert row["steps_compared"] >= 1
        assert row["difference_from_cpu"] == 0
        assert str(row["memory_mib"]) in done.output
    assert found["machine"]["torch"]
