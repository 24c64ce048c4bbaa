"""Laws of the program's digest: it covers what makes bytes, all of it, and nothing else."""

import ast
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from artasyn.data_manifests.code_digest import code_digest
from artasyn.synth.build.program_digest import MAKERS, program_digest
from tests.rooms import ROOT
from tests.test_structure import ours

STARTS = (
    "synth/build/synthetic_study.py",
    "synth/build/evaluation_study.py",
    "data_manifests/store/encoding.py",
)
"""What makes the samples and rows of a study, and what makes files of them."""
WITHOUT_A_SAY = {
    "data_manifests/corpora": "what it says of the radiographs is among the ingredients of a version",
    "data_manifests/config.py": "the recipe is among the ingredients",
    "data_manifests/errors.py": "sentences",
    "data_manifests/printable.py": "sentences",
    "synth/threads.py": "speed",
}
NEIGHBOURS = {
    "data_manifests/corpora/mask_files.py",
    "data_manifests/images/dicom_patient.py",
    "data_manifests/images/header_notes.py",
}
"""Covered although corpora alone import them: they read masks and notes, or lie in a room that is covered."""


def covers(names: set[str], path: str) -> bool:
    return any(path == name or path.startswith(name + "/") for name in names)


def only_explains(path: Path) -> bool:
    """Tell whether a file holds its docstring and no code."""
    return len(ast.parse(path.read_text(encoding="utf-8")).body) <= 1


def files_of(place: str) -> list[Path]:
    path = ROOT / place
    return [found for found in (path.with_suffix(".py"), path / "__init__.py") if found.is_file()]


def makers_by_import() -> set[str]:
    """Follow all imports from the starting points; what a maker may import without a say is not followed."""
    found, waiting = set[str](), [ROOT / start for start in STARTS]
    while waiting:
        path = waiting.pop()
        name = str(path.relative_to(ROOT))
        left_out = covers(set(WITHOUT_A_SAY), name) and not covers(set(MAKERS), name)
        if name in found or left_out or only_explains(path):
            continue
        found.add(name)
        waiting += [file for place in ours(path) for file in files_of(place)]
    return found


def makers_by_list() -> set[str]:
    paths = [ROOT / name for name in MAKERS]
    files = [file for path in paths for file in (sorted(path.rglob("*.py")) if path.is_dir() else [path])]
    return {str(file.relative_to(ROOT)) for file in files if not only_explains(file)}


def test_the_digest_covers_what_makes_bytes_and_nothing_else() -> None:
    assert makers_by_import() == makers_by_list() - NEIGHBOURS


@pytest.fixture
def digest_of_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Return a function that appends a line to a file of a copy of the program, and gives the copy's digest."""
    for package in ("data_manifests", "synth"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(
        "artasyn.data_manifests.code_digest.files", lambda name: tmp_path / name.rpartition(".")[2]
    )

    def changed(name: str) -> str:
        if name:
            with (tmp_path / name).open("a", encoding="utf-8") as file:
                file.write("# changed\n")
        return code_digest(MAKERS)

    return changed


def test_a_changed_card_command_or_picture_keeps_every_id(digest_of_copy: Callable[[str], str]) -> None:
    for name in (
        "",
        "synth/versions/card.py",
        "synth/commands/build.py",
        "synth/atlas/sheet.py",
        "synth/outlining/outline_files.py",
        "data_manifests/outlines.py",
        "data_manifests/cli.py",
        "data_manifests/store/draft.py",
    ):
        assert digest_of_copy(name) == program_digest(), name


def test_whatever_makes_bytes_changes_every_id(digest_of_copy: Callable[[str], str]) -> None:
    seen = {program_digest()}
    for name in (
        "synth/opacities/compositing/blend.py",
        "synth/lungs/sides.py",
        "synth/build/odd_masks.py",
        "data_manifests/images/decode.py",
        "data_manifests/store/encoding.py",
    ):
        seen.add(digest_of_copy(name))
    assert len(seen) == 6
