"""The page about opacities: its examples run and its numbers are the program's."""

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from artasyn.data_manifests.errors import ConfigError, ImageError
from artasyn.synth.atlas.rivals_sheet import rivals_sheet
from artasyn.synth.atlas.sheet import SEVERITIES, kinds_sheet, phantom_subject
from artasyn.synth.commands.atlas import atlas
from artasyn.synth.config import load_config
from artasyn.synth.opacities import OpacityConfig
from artasyn.synth.opacities.kinds.registry import KINDS
from artasyn.synth.opacities.rivals.registry import RIVALS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "concepts" / "opacities.md").read_text(
    encoding="utf-8"
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}[^\n]*\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_python_examples_run():
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(block, names)
    opacity = names["opacity"]
    assert opacity.mask.any()


def test_the_table_holds_every_kind_with_its_weight():
    table = dict(re.findall(r"^\| `(\w+)` \|.*\| ([\d.]+) \|$", PAGE, flags=re.MULTILINE))
    weights = dict.fromkeys(KINDS, 0.0) | dict(OpacityConfig().kinds)
    assert {kind: float(weight) for kind, weight in table.items()} == weights


def test_the_shipped_mixture_is_the_default_of_the_configuration():
    assert load_config("default").opacities == OpacityConfig()


@pytest.mark.parametrize("preset", ["default", "paper", "nsa-in-lung"])
def test_the_atlas_has_a_row_for_every_kind_of_the_preset_and_a_column_for_every_severity(preset):
    image, labels = phantom_subject(96, seed=0)
    config = load_config(preset).opacities
    sheet = kinds_sheet(image, labels, config=config)
    kinds = sum(weight > 0 for weight in config.kinds.values())
    assert sheet.dtype == np.uint8
    assert sheet.shape == ((kinds + 1) * 20 + kinds * 96, 4 * 96 + 3 * 4, 3)
    assert len(SEVERITIES) == 3


def test_the_atlas_command_writes_a_picture_with_the_users_own_brush(tmp_path):
    tip, plain, mine = (tmp_path / name for name in ("tip.png", "plain.png", "mine.png"))
    Image.fromarray(np.diag(np.full(40, 255, np.uint8))).save(tip)
    for arguments in ([str(plain)], [str(mine), "--brush", str(tip)]):
        done = CliRunner().invoke(atlas, [*arguments, "--size", "64"])
        assert done.exit_code == 0, done.output
    sheets = [np.asarray(Image.open(path)) for path in (plain, mine)]
    changed = (sheets[0] != sheets[1]).any(axis=(1, 2))
    assert changed[40:104].any()  # the row of the brush
    assert not changed[104:].any()


def test_the_atlas_shows_a_kind_that_the_preset_leaves_out(tmp_path):
    arguments = ["--size", "64", "--kind", "collapse", "--kind", "cutpaste"]
    done = CliRunner().invoke(atlas, [str(tmp_path / "mine.png"), *arguments])
    assert done.exit_code == 0, done.output
    assert np.asarray(Image.open(tmp_path / "mine.png")).shape[0] == 3 * 20 + 2 * 64
    with pytest.raises(ConfigError, match=r"'colapse'.*collapse"):
        CliRunner().invoke(atlas, [str(tmp_path / "no.png"), "--kind", "colapse"], catch_exceptions=False)


def test_a_kind_mistyped_in_a_recipe_is_not_left_out_in_silence(tmp_path):
    recipe = tmp_path / "mine.toml"
    recipe.write_text("[opacities.kinds]\neffusion = 0.5\nnodulr = 0.5\n")
    with pytest.raises(ConfigError, match=r"'nodulr'.*nodular"):
        CliRunner().invoke(atlas, [str(tmp_path / "no.png"), "--preset", str(recipe)], catch_exceptions=False)


def test_the_sheet_of_rivals_has_ours_and_a_row_for_each(tmp_path):
    done = CliRunner().invoke(atlas, [str(tmp_path / "rivals.png"), "--rivals", "--size", "64"])
    assert done.exit_code == 0, done.output
    sheet = np.asarray(Image.open(tmp_path / "rivals.png"))
    rows = len(RIVALS) + 1
    assert sheet.shape == (rows * (20 + 64), 6 * 64 + 5 * 4, 3)
    cells = sheet[20:84].reshape(64, -1, 3)
    assert (cells[:, :64] != cells[:, 204:268]).any()  # ours differs from the radiograph


def test_a_sheet_of_rivals_needs_two_radiographs():
    with pytest.raises(ImageError, match="two radiographs"):
        rivals_sheet([phantom_subject(64, seed=0)], config=OpacityConfig())
