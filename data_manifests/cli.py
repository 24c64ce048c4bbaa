"""What the three commands share: library errors become one sentence and an exit code."""

from typing import Any

import click

from data_manifests.errors import ArtasynError

__all__ = ["ArtasynGroup"]


class ArtasynGroup(click.Group):
    """A command group that prints an ArtasynError as one message instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the chosen command; exit code 1 where the library refused."""
        try:
            return super().invoke(ctx)
        except ArtasynError as error:
            raise click.ClickException(str(error)) from error
