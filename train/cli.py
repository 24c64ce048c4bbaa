"""artasyn-train: train a network on synthetic opacities, adapt it, and look at runs."""

import click

from artasyn.data_manifests.cli import ArtasynGroup
from artasyn.train.commands.adapt import adapt
from artasyn.train.commands.fit import fit
from artasyn.train.commands.list import list_
from artasyn.train.commands.show import show

__all__ = ["main"]


@click.group(cls=ArtasynGroup, extra="train", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="artasyn")
def main() -> None:
    """Train a network that finds opacities, on versions that artasyn-synth built.

    Research tool: not a medical device, not for diagnosis.
    """


for command in (fit, adapt, show, list_):
    main.add_command(command)
