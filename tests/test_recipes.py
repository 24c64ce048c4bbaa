"""Laws of recipes: the default files say every key, each key has its meaning, and the page about them is current."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from artasyn.data_manifests.config import config_from_dict, config_to_dict, read_toml
from artasyn.synth.config import SynthConfig
from artasyn.train.config import TrainConfig
from tools.reference import FOLDER, PAGES


def keys(values: dict[str, Any], prefix: str = "") -> set[str]:
    found = set()
    for name, value in values.items():
        found |= keys(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name}
    return found


@pytest.mark.parametrize(
    ("package", "config"), [("artasyn.synth", SynthConfig()), ("artasyn.train", TrainConfig())]
)
def test_the_default_recipe_says_every_key_and_its_default(package: str, config: Any) -> None:
    said = read_toml(Path(str(files(package) / "presets" / "default.toml")))
    assert keys(said) == keys(config_to_dict(config))
    assert config_from_dict(type(config), said) == config


@pytest.mark.parametrize("name", sorted(PAGES))
def test_generated_pages_are_current_and_leave_no_meaning_out(name: str) -> None:
    page = PAGES[name]()
    assert (FOLDER / name).read_text(encoding="utf-8") == page, "run `make docs-reference`"
    assert not [line for line in page.splitlines() if line.startswith("| `") and line.endswith("|  |")]
    assert not [line for line in page.splitlines() if line.startswith("- `") and line.endswith(": ")]
