"""artasyn-eval: score runs on real radiographs, compare, predict, export."""

import click

from artasyn.data_manifests.cli import ArtasynGroup
from artasyn.eval.commands.compare import compare
from artasyn.eval.commands.export import export
from artasyn.eval.commands.predict import predict
from artasyn.eval.commands.score import score

__all__ = ["main"]


@click.group(cls=ArtasynGroup, extra="eval", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="artasyn")
def main() -> None:
    """Score trained networks on radiographs they have never seen; compare, predict, export.

    Research tool: not a medical device, not for diagnosis.
    """


for command in (score, compare, predict, export):
    main.add_command(command)
