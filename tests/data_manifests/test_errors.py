"""Laws of remedies: a slip of the finger is answered by the name that was meant, anything else by what there is."""

import pytest
from click.testing import CliRunner

from artasyn.data_manifests.corpora.manifest import catalogued
from artasyn.data_manifests.errors import ConfigError, CorpusError, did_you_mean
from artasyn.synth.cli import main
from artasyn.synth.opacities.kinds.registry import kind_named


def test_the_nearest_name_is_meant_or_all_are_told() -> None:
    assert did_you_mean("Defualt", ("paper", "default")) == "did you mean `default`?"
    assert did_you_mean("zzz", ("paper", "default")) == "known: default, paper"
    assert did_you_mean("zzz", ("paper",), otherwise="look again") == "look again"
    assert did_you_mean("zzz", ()) == "known: none"


def test_corpora_and_kinds_are_suggested() -> None:
    with pytest.raises(CorpusError, match="did you mean `chexpert`"):
        catalogued("chexprt")
    with pytest.raises(CorpusError, match=r"is no corpus of the catalog \(known: brax, chexpert, "):
        catalogued("qqqq")
    with pytest.raises(ConfigError, match="did you mean `ground_glass`"):
        kind_named("groundglass")


def test_presets_are_suggested_at_the_command() -> None:
    done = CliRunner().invoke(main, ["build", "phantom:2", "nowhere", "--preset", "papper"])
    assert done.exit_code == 1
    assert done.output == "Error: papper: is neither a preset nor a TOML file (did you mean `paper`?)\n"
