"""Builds of phantoms and of a folder of phantoms, two studies a shard, for the tests beside."""

from dataclasses import replace
from pathlib import Path

from PIL import Image

from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.data_manifests.store.contract import Kind
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.synth.build.plan import Plan, make_plan
from artasyn.synth.build.selection import Selection
from artasyn.synth.build.shards import Executor, build_shards, run_here
from artasyn.synth.config import SynthConfig, load_config
from artasyn.synth.sources.source import open_source

SIZE = 64
SHARD_PIXELS = 6 * SIZE * SIZE
"""Two studies a shard: small builds have several."""


def plan_of(
    spec: str | Path = "phantom:5",
    *,
    kind: Kind = "synthetic",
    seed: int = 0,
    config: SynthConfig | None = None,
) -> Plan:
    config = replace(config or load_config("default"), size=SIZE)
    return make_plan(Selection(corpus=str(spec)), kind=kind, config=config, seed=seed)


def built(plan: Plan, store: Path, *, executor: Executor = run_here) -> Version:
    draft = plan.draft(FolderBlobs(str(store)))
    for _ in build_shards(plan, draft, executor=executor):
        pass
    draft.commit({"kind": plan.kind})
    return open_version(f"{store}@{plan.version_id}")


def build_command(folder: Path) -> list[str]:
    """Return the arguments that build from `folder`/radiographs into `folder`/store in this process."""
    places = [str(folder / "radiographs"), str(folder / "store")]
    return ["build", *places, "--size", str(SIZE), "--workers", "0"]


def write_radiographs(folder: Path) -> None:
    """Write three phantoms and what else lies about in real folders."""
    folder.mkdir(parents=True)
    source = open_source("phantom:3")
    for radiograph in source.radiographs[:3]:
        name = radiograph.image_id.rpartition("/")[2]
        Image.fromarray(source.read_image(radiograph)).save(folder / f"{name}.png")
    (folder / "broken.png").write_bytes((folder / f"{name}.png").read_bytes()[:400])
    Image.new("L", (SIZE, SIZE), 128).save(folder / "blank.png")
    (folder / "empty.jpg").write_bytes(b"")
