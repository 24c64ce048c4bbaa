"""Laws of releases: what constraints.txt installs is what pyproject.toml allows, all of it."""

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.rooms import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NOT_RESOLVED = {"docs"}
"""Extras that `make constraints` leaves to the newest releases: nothing of the program depends on them."""


def wanted() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"]
    lines = [
        *PROJECT["dependencies"],
        *(line for extra in extras if extra not in NOT_RESOLVED for line in extras[extra]),
    ]
    return [requirement for requirement in map(Requirement, lines) if requirement.name != "artasyn"]


def test_every_requirement_has_a_release_that_it_allows() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    releases = {canonicalize_name(name): release for name, release in pairs}
    for requirement in wanted():
        assert requirement.specifier.contains(releases[canonicalize_name(requirement.name)]), requirement


def test_every_requirement_names_the_oldest_release_it_runs_with() -> None:
    for requirement in wanted():
        assert re.search(r"[>=]=", str(requirement.specifier)), requirement
