"""Laws of the tree: imports point down, heavy libraries stay out of the way, names are unique."""

import ast
import fnmatch
import importlib.metadata
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.rooms import FLOORS, PACKAGES, ROOT, RULES

MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
COMMANDS = {f"artasyn-{name}": f"artasyn.{name}.cli" for name in ("synth", "train", "eval")}
STANDARD = set(sys.stdlib_module_names) | {"numpy", "click", "rich"}


def imported(path: Path) -> set[str]:
    """Return the full names of all modules that a file imports, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {
                node.module,
                *(f"{node.module}.{a.name}" for a in node.names if is_module(node.module, a.name)),
            }
    return names


def is_module(package: str, name: str) -> bool:
    below = ROOT / package.removeprefix("artasyn.").replace(".", "/") / name
    return package.startswith("artasyn") and (below.is_dir() or below.with_suffix(".py").is_file())


def ours(path: Path) -> set[str]:
    """Return what a file imports of this program, as paths below the root without suffix."""
    return {n.removeprefix("artasyn.").replace(".", "/") for n in imported(path) if n.startswith("artasyn.")}


def room_of(place: str, within: str) -> str:
    """Return the room, or the single file, of a place below a package."""
    return place.removeprefix(within).strip("/").split("/")[0]


def names(value: object) -> str:
    return str(value.relative_to(ROOT)) if isinstance(value, Path) else str(value)


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_packages_import_downwards_by_their_one_name(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    found = {place.split("/")[0] for place in ours(path)} - {""}
    assert not found - PACKAGES[package] - {package}
    assert not {name.split(".")[0] for name in imported(path)} & set(PACKAGES)


@pytest.mark.parametrize("within", FLOORS)
def test_rooms_import_downwards(within: str) -> None:
    floors = FLOORS[within]
    upwards = []
    for path in sorted((ROOT / within).rglob("*.py")):
        here = room_of(str(path.relative_to(ROOT).with_suffix("")), within)
        if here == "__init__":
            continue
        for place in ours(path):
            there = room_of(place, within) if place.startswith(within + "/") else ""
            if there and there != here and floors.index(there) > floors.index(here):
                upwards.append(f"{path.relative_to(ROOT)} -> {place}")
    assert not upwards


@pytest.mark.parametrize("within", FLOORS)
def test_every_room_has_its_floor(within: str) -> None:
    inside = [
        p for p in (ROOT / within).iterdir() if p.suffix == ".py" or (p.is_dir() and list(p.glob("*.py")))
    ]
    assert {p.stem for p in inside} - {"__init__"} == set(FLOORS[within]) & {p.stem for p in inside}
    assert set(FLOORS[within]) == {p.stem for p in inside} - {"__init__"}


@pytest.mark.parametrize("room", RULES)
def test_pure_rooms_import_nothing_else(room: str) -> None:
    rule = RULES[room]
    paths = sorted((ROOT / room).rglob("*.py"))
    assert paths, f"there is no room {room}: say so in tests/rooms.py"
    for path in paths:
        libraries = {n.split(".")[0] for n in imported(path) if not n.startswith("artasyn")} - STANDARD
        assert not libraries - rule.libraries, path
        places = {place.replace("/", ".") for place in ours(path)}
        assert not {p for p in places if not any(p == o or p.startswith(o + ".") for o in rule.ours)}, path


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_modules_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 250


def test_every_folder_of_code_is_installed() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = {path.parent.relative_to(ROOT) for path in MODULES}
    expected = {"artasyn", *("artasyn." + ".".join(folder.parts) for folder in folders)}
    assert set(settings["tool"]["setuptools"]["packages"]) == expected


def test_tests_mirror_the_tree() -> None:
    rooms = {path.parent.relative_to(ROOT) for path in MODULES}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        assert path.parent == ROOT / "tests" or path.parent.relative_to(ROOT / "tests") in rooms


def loaded_after(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT / "tests"
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import artasyn", {"torch", "dask", "cv2", "numpy", "scipy", "zarr"}),
        ("import artasyn; artasyn.segment_lungs", {"torch", "dask", "zarr"}),
        ("import artasyn.synth.build.shards, artasyn.synth.build.plan", {"torch"}),
        ("import artasyn.train.runs.compare_runs, artasyn.train.runs.plot_curves", {"torch", "tensorboard"}),
        ("import artasyn; artasyn.StoreDataset, artasyn.fit", {"dask", "distributed", "cv2", "skimage"}),
        ("import artasyn; artasyn.Predictor", {"dask", "distributed", "cv2", "skimage"}),
        ("import artasyn.eval.pages.report_page", {"scipy", "cv2", "skimage", "dask"}),
        *[
            (f"import {module} as _", {"torch", "dask", "cv2", "skimage", "scipy", "zarr"})
            for module in COMMANDS.values()
        ],
    ],
)
def test_heavy_libraries_load_only_where_they_work(code: str, absent: set[str]) -> None:
    assert not loaded_after(code) & absent


def test_the_package_name_has_one_owner() -> None:
    owned = importlib.metadata.packages_distributions()
    assert set(owned["artasyn"]) == {"artasyn"}


def test_every_folder_of_tests_is_looked_into(pytestconfig: pytest.Config) -> None:
    """What pytest leaves out unless told holds `build`, in which tests lay without being run."""
    left_out = pytestconfig.getini("norecursedirs")
    folders = {path.name for path in (ROOT / "tests").rglob("*") if path.is_dir()}
    assert not [name for name in folders for pattern in left_out if fnmatch.fnmatch(name, pattern)]
