"""Laws of the tree: imports point down, heavy libraries stay out of the way, names are unique."""

import ast
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = {
    "data_manifests": set[str](),
    "synth": {"data_manifests"},
    "train": {"data_manifests"},
    "eval": {"data_manifests", "train"},
}
MODULES = [(package, path) for package in FLOORS for path in sorted((ROOT / package).rglob("*.py"))]
COMMANDS = {f"artasyn-{name}": f"artasyn.{name}.cli" for name in ("synth", "train", "eval")}


def imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize(("package", "path"), MODULES, ids=lambda value: getattr(value, "name", value))
def test_imports_point_down(package: str, path: Path) -> None:
    upwards = (imported(ast.parse(path.read_text())) & set(FLOORS)) - FLOORS[package] - {package}
    assert not upwards


@pytest.mark.parametrize("path", [path for _, path in MODULES], ids=lambda path: path.name)
def test_eval_never_shadows_the_builtin(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert not [a.name for a in node.names if a.name.split(".")[0] == "eval" and not a.asname]


@pytest.mark.parametrize("path", [path for _, path in MODULES], ids=lambda path: path.name)
def test_modules_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 250


def loaded_after(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT / "tests"
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import synth", {"torch"}),
        ("import artasyn.synth.build.shards, artasyn.synth.build.plan", {"torch"}),
        ("import train", {"dask", "distributed", "cv2", "skimage", "synth"}),
        ("import artasyn.train.fitting.trainer", {"dask", "distributed", "cv2", "skimage", "synth"}),
        ("import eval as _", {"dask", "distributed", "cv2", "skimage", "synth"}),
        *[
            (f"import {module} as _", {"torch", "dask", "cv2", "skimage", "scipy", "zarr"})
            for module in COMMANDS.values()
        ],
    ],
)
def test_heavy_libraries_load_only_where_they_work(code: str, absent: set[str]) -> None:
    assert not loaded_after(code) & absent


@pytest.mark.parametrize("package", FLOORS)
def test_a_package_name_has_one_owner(package: str) -> None:
    assert set(importlib.metadata.packages_distributions()[package]) == {"artasyn"}
