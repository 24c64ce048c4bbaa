"""What the three commands share: library errors become one sentence and an exit code."""

from pathlib import Path
from typing import Any

import click

from artasyn.data_manifests.errors import ArtasynError
from artasyn.data_manifests.extras import missing_extra

__all__ = ["ArtasynGroup", "check_picture"]

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


def check_picture(_context: click.Context, _option: click.Parameter, path: Path | None) -> Path | None:
    """Refuse the name of a picture to be written that tells no format, before any work is done."""
    if path is not None and path.suffix.lower() not in PICTURES:
        raise click.BadParameter(f"{path} must end in one of {', '.join(PICTURES)}")
    return path


class ArtasynGroup(click.Group):
    """A program whose errors are one sentence instead of a traceback."""

    def __init__(self, *args: Any, extra: str, **options: Any) -> None:
        """Make the program that `pip install 'artasyn[extra]'` brings."""
        super().__init__(*args, **options)
        self.extra = extra

    def invoke(self, ctx: click.Context) -> Any:
        """Run the chosen command; exit code 1 where the library, or the system, refused."""
        try:
            return super().invoke(ctx)
        except ArtasynError as error:
            raise click.ClickException(str(error)) from error
        except ModuleNotFoundError as error:
            where = f"{ctx.info_name} {ctx.invoked_subcommand}"
            missing = missing_extra(error, where=where, program=self.extra)
            if missing is None:
                raise  # a fault of ours
            raise click.ClickException(str(missing)) from error
        except BrokenPipeError:
            raise  # whoever reads has enough; click knows
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{where}{error.strerror or error}") from error
