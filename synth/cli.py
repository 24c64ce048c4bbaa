"""artasyn-synth: build versions of synthetic opacities, bring in real images, look at both."""

import click

from artasyn.data_manifests.cli import ArtasynGroup
from artasyn.synth.commands.atlas import atlas
from artasyn.synth.commands.build import build, ingest
from artasyn.synth.commands.corpora import corpora
from artasyn.synth.commands.explore import explore
from artasyn.synth.commands.export import export
from artasyn.synth.commands.gallery import gallery
from artasyn.synth.commands.lungs import lungs
from artasyn.synth.commands.verify import verify
from artasyn.synth.commands.versions import diff, info, rm, versions

__all__ = ["main"]


@click.group(cls=ArtasynGroup, extra="synth", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="artasyn")
def main() -> None:
    """Turn normal chest radiographs into synthetic lung opacities with true masks.

    Research tool: not a medical device, not for diagnosis.
    """


INSPECT = (corpora, lungs, explore, atlas, gallery)
MAKE = (build, ingest)
KEEP = (versions, info, verify, diff, export, rm)

for command in (*INSPECT, *MAKE, *KEEP):
    main.add_command(command)
