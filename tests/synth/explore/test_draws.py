"""Laws of what the page draws: it is what a build makes, and its recipe reads back."""

import base64
import functools
import io
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from artasyn.data_manifests.config import config_from_dict, config_to_dict
from artasyn.data_manifests.errors import BusyError, ConfigError, CorpusError, ImageError
from artasyn.synth.build.study import Recipe
from artasyn.synth.build.synthetic_study import make_synthetic_study
from artasyn.synth.config import SynthConfig, load_config
from artasyn.synth.explore.controls import CONTROLS, Control
from artasyn.synth.explore.draws import Wanted, draw, safe_settings, shown_subject
from artasyn.synth.explore.exploration import open_exploration
from artasyn.synth.explore.pictures import MASK, line_png, tint_png
from artasyn.synth.explore.recipe_text import recipe_text
from artasyn.synth.explore.serve import serve
from artasyn.synth.explore.subjects import of_source, second_of
from artasyn.synth.opacities import OpacityConfig
from artasyn.synth.opacities.config import GateConfig
from artasyn.synth.opacities.rivals.registry import RIVALS
from artasyn.synth.sources.source import open_source

SMALL = SynthConfig(size=64)
RECIPES = (
    load_config("default").opacities,
    load_config("paper").opacities,
    OpacityConfig(gates=GateConfig(border_gap=12)),  # as docs/concepts/opacities.md advises
)


def pixels(url: str) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))))


def settings_with(path: str, value: Any) -> dict[str, Any]:
    """Return the default settings as a page would send them, one key changed."""
    settings = config_to_dict(OpacityConfig())
    *tables, key = path.split(".")
    place = settings
    for table in tables:
        place = place[table]
    assert key in place
    place[key] = [value, value] if isinstance(place[key], list) else type(place[key])(value)
    return settings


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.path)
def test_both_ends_of_every_slider_are_allowed(control: Control) -> None:
    for value in (control.low, control.high):
        config_from_dict(OpacityConfig, settings_with(control.path, value))


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.path)
def test_every_slider_reaches_what_recipes_and_docs_say(control: Control) -> None:
    said = [functools.reduce(getattr, control.path.split("."), recipe) for recipe in RECIPES]
    assert all(control.low <= value <= control.high for value in np.ravel(said))


def test_the_first_draws_are_those_of_a_build() -> None:
    source = open_source("phantom:1")
    radiograph = source.radiographs[0]
    study = make_synthetic_study(radiograph, 0, Recipe(source=source, config=SMALL, seed=7))
    subjects = of_source(source, SMALL)
    assert subjects.names[0] == radiograph.image_id
    for variant, sample in study.samples.items():
        wanted = Wanted(subject=0, settings=SMALL.opacities, seed=7, variant=variant)
        drawn = draw(subjects, wanted, SMALL)
        image, altered, _, mask, outline = sample[:5]
        np.testing.assert_array_equal(pixels(drawn["image"]), image)
        np.testing.assert_array_equal(pixels(drawn["altered"]), altered)
        np.testing.assert_array_equal(pixels(drawn["mask"])[..., 3] > 0, mask > 0)
        assert not (pixels(drawn["outline"])[..., 3].astype(bool) & (outline == 0)).any()


@pytest.mark.parametrize("name", [*RIVALS, *(f"{name}_in_lung" for name in RIVALS)])
def test_every_published_synthesis_can_be_seen(name: str) -> None:
    settings = OpacityConfig(kinds={name: 1.0}, composition=(1.0,))
    subjects = of_source(open_source("phantom:2"), SMALL)
    drawn = draw(subjects, Wanted(subject=0, settings=settings), SMALL)
    assert drawn["rival"] == name
    assert bool(drawn["second"]) == RIVALS[name.removesuffix("_in_lung")].needs_second


@pytest.mark.parametrize(
    "config",
    [
        SynthConfig(),
        load_config("paper"),
        replace(SMALL, opacities=OpacityConfig(kinds={"nodular": 1.0}, severity=(0.25, 0.25))),
        load_config("nsa-in-lung"),
    ],
)
def test_a_recipe_reads_back_as_it_was(config: SynthConfig, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(recipe_text(config))
    assert load_config(path) == config


def test_no_path_of_a_page_is_opened() -> None:
    settings = config_from_dict(OpacityConfig, settings_with("brush.file", "/etc/passwd"))
    assert safe_settings(settings, OpacityConfig()).brush.file == ""


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ConfigError, match="nodular"):
        safe_settings(OpacityConfig(kinds={"nodula": 1.0}), OpacityConfig())


def test_without_lungs_nothing_is_drawn_and_the_radiograph_is_shown(folder: Path) -> None:
    shown = open_exploration(str(folder), size=64)
    place = shown.subjects.names.index("no<b>lung.png")
    with pytest.raises(ImageError, match="not accepted"):
        draw(shown.subjects, Wanted(subject=place, settings=OpacityConfig()), shown.config)
    bare = shown_subject(shown.subjects.read(place))
    assert bare["refused"]
    assert pixels(bare["image"]).shape == (64, 64)


def test_a_second_image_is_another_one_or_the_mirrored_one(folder: Path) -> None:
    alone = open_exploration(str(folder / "chest_0.png"), size=64).subjects
    np.testing.assert_array_equal(second_of(alone, 0).pixels, alone.read(0).image[:, ::-1])
    several = open_exploration(str(folder), size=64).subjects
    for place in (several.names.index(f"chest_{k}.png") for k in range(3)):
        second = second_of(several, place)
        assert second.image_id in {f"chest_{k}.png" for k in range(3)} - {several.names[place]}


def test_layers_are_transparent_outside_their_masks() -> None:
    mask = np.zeros((20, 30), np.uint8)
    mask[4:12, 5:20] = 1
    for png in (tint_png(mask, MASK), line_png(mask, MASK)):
        layer = np.array(Image.open(io.BytesIO(png)))
        assert not layer[mask == 0].any()
        assert set(map(tuple, layer[4, 5:20, :3])) == {MASK}


@pytest.mark.parametrize("source", ["phantom:0", "no-such-folder"])
def test_a_source_that_is_none_is_refused(source: str) -> None:
    with pytest.raises(CorpusError):
        open_exploration(source)


def test_one_radiograph_that_cannot_be_read_is_refused(folder: Path) -> None:
    with pytest.raises(ImageError, match="not an image"):
        open_exploration(str(folder / "broken.png"))


def test_a_taken_port_is_told(folder: Path) -> None:
    shown = open_exploration(str(folder / "chest_0.png"), size=64)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BusyError, match=f"port {port}"):
            serve(shown, port=port, announce=lambda _: pytest.fail("it was announced"))


@pytest.mark.radiographs
def test_real_radiographs_can_be_explored(radiographs: Path) -> None:
    shown = open_exploration(str(radiographs / "nih_chestxray14"))
    assert shown.subjects.labels[0] == "normal"
    drawn = draw(shown.subjects, Wanted(subject=0, settings=shown.config.opacities), shown.config)
    assert 0 < drawn["covered"] <= 1
