"""Open what a person wants to explore: a radiograph, a corpus, phantoms, or a version."""

from dataclasses import dataclass, replace
from pathlib import Path

from artasyn.data_manifests.config import config_from_dict
from artasyn.data_manifests.errors import ConfigError, CorpusError
from artasyn.data_manifests.store.blobs import open_blobs
from artasyn.data_manifests.store.references import list_versions, split_reference
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.synth.build.selection import DECLARATIONS
from artasyn.synth.config import SynthConfig, load_config
from artasyn.synth.explore.subjects import Subjects, of_file, of_source, of_version
from artasyn.synth.opacities import OpacityConfig
from artasyn.synth.sources.source import open_source

__all__ = ["Exploration", "open_exploration"]

SHIPPED = ("default", "paper")
OWN = "this version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """What the page shows."""

    title: str
    subjects: Subjects
    config: SynthConfig
    """The recipe that the page starts with."""
    presets: dict[str, OpacityConfig]
    """Recipes to start from, by name; the first is that of `config`."""
    version: Version | None = None
    root: Path | None = None
    """Where the corpus of the version lies now, if it moved."""


def open_exploration(
    spec: str, *, preset: str = "default", size: int | None = None, root: Path | None = None
) -> Exploration:
    """Open a radiograph, a folder, a table, a catalogued corpus with its `root`, phantom:N, or STORE[@TAG].

    `size` is the side of the images in pixels; a version has its own. Raises CorpusError, StoreError,
    ConfigError; ImageError where the one radiograph cannot be read.
    """
    config = load_config(preset)
    config = config if size is None else replace(config, size=size)
    presets = {preset: config.opacities} | {name: load_config(name).opacities for name in SHIPPED}
    if _is_store(spec):
        return _of_version(open_version(spec), config, presets, root=root)
    path = Path(spec)
    if path.is_file() and not spec.lower().endswith(DECLARATIONS):
        subjects = of_file(path, config)
        subjects.read(0)  # what is wrong with the one file is better known now than on the page
        return Exploration(title=path.name, subjects=subjects, config=config, presets=presets)
    source = open_source(spec, root)
    subjects = of_source(source, config)
    if not len(subjects):
        raise CorpusError(spec, "has no radiograph to show", "check it with `artasyn-synth corpora check`")
    return Exploration(title=source.name, subjects=subjects, config=config, presets=presets)


def _is_store(spec: str) -> bool:
    """Say whether a version is meant: STORE@NAME, a bucket, or a folder that holds versions."""
    location, name = split_reference(spec)
    if "://" in location or (name and not Path(spec).exists()):
        return True
    return Path(location).is_dir() and bool(list_versions(open_blobs(location)))


def _of_version(
    version: Version, config: SynthConfig, presets: dict[str, OpacityConfig], *, root: Path | None
) -> Exploration:
    if version.attributes["kind"] == "synthetic":
        try:
            config = config_from_dict(SynthConfig, version.attributes["config"])
            presets = {OWN: config.opacities} | presets
        except (
            ConfigError
        ):  # built by a release whose recipes had other keys: its pictures can be browsed all the same
            pass
    return Exploration(
        title=f"{version.attributes.get('corpus', {}).get('name', '')} {version.id[:12]}".strip(),
        subjects=of_version(version),
        config=replace(config, size=version.shape.size),
        presets=presets,
        version=version,
        root=root,
    )
