"""What the three commands share: what they say is harmless to a terminal, errors are one sentence and an exit code."""

import errno
import functools
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from artasyn.data_manifests.errors import ArtasynError
from artasyn.data_manifests.extras import missing_extra
from artasyn.data_manifests.printable import printable
from artasyn.data_manifests.standard_streams import open_closed_streams
from artasyn.data_manifests.terminal_lines import fit_terminal

__all__ = [
    "FORCE",
    "ArtasynGroup",
    "check_picture",
    "printable",
    "say",
    "say_next",
    "say_path",
    "with_options",
]

FORCE = click.option("--force", is_flag=True, help="Replace files that are in the way, whoever wrote them.")
PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


STOPPED = 130
"""Exit code of a command that Ctrl-C stopped, as shells have it."""
ADVICE = {
    "adapt": "what it has learnt up to its last checkpoint is kept; the same command goes on",
    "build": "what is built is kept; the same command goes on",
    "compare": "what is measured is kept; the same command goes on",
    "export": "the same command begins again",
    "fit": "what it has learnt up to its last checkpoint is kept; the same command with --resume goes on",
    "ingest": "what is built is kept; the same command goes on",
    "lungs": "what is written is kept; the same command begins again",
    "predict": "what is written is kept; the same command begins again",
    "rm": "the same command removes the rest",
    "score": "what is measured is kept; the same command goes on",
    "verify": "the same command begins again",
}
"""What becomes of the work of a command that breaks off."""
FULL = (errno.ENOSPC, errno.EDQUOT)
FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
"""Numbers of the system's errors where it refuses to write."""


def say(message: object = "", *, err: bool = False, whole: bool = False) -> None:
    """Print a line; names in it may hold anything, a terminal gets to see letters alone.

    A terminal gets long lines broken at spaces, but where the line is to stay `whole`, as JSON is.
    """
    text = printable(str(message))
    click.echo(text if whole else fit_terminal(text, err=err), err=err)


def _sentence(error: object) -> str:
    """Return what stands behind click's `Error: `."""
    return fit_terminal(f"Error: {printable(str(error))}", err=True).removeprefix("Error: ")


def _kept(context: click.Context) -> str:
    """Return what became of the work of a command that broke off."""
    return ADVICE.get(context.invoked_subcommand or "", "nothing was changed")


def _remedy(error: OSError, command: str | None) -> str:
    """Return what to do where the system refused to write, in brackets; "" for other errors."""
    if error.errno in FORBIDDEN:
        return " (check its permissions, or choose another folder)"
    again = "with --resume" if command == "fit" else "again"
    return f" (free space and run the same command {again})" if error.errno in FULL else ""


def say_next(label: str, *command: str) -> None:
    """Print the command to type next behind a label, fit for a shell and in one line: broken it could not be copied."""
    say(f"{label}{shlex.join(command)}", whole=True)


def say_path(label: str, path: Path) -> None:
    """Print where a file lies; a terminal that knows links gets one."""
    shown = printable(str(path))
    if sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in {"dumb", "linux"}:
        # OSC 8, which terminals that do not know it pass over; a file's URI is plain ASCII.
        shown = f"\x1b]8;;{path.resolve().as_uri()}\x1b\\{shown}\x1b]8;;\x1b\\"
    click.echo(f"{label}: {shown}")


def check_picture(_context: click.Context, _option: click.Parameter, path: Path | None) -> Path | None:
    """Refuse the name of a picture to be written that tells no format, before any work is done."""
    if path is not None and path.suffix.lower() not in PICTURES:
        raise click.BadParameter(f"{path} must end in one of {', '.join(PICTURES)}")
    return path


def with_options(*options: Callable[..., Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that gives a command several options, in the order in which its help lists them."""
    return lambda command: functools.reduce(lambda made, option: option(made), reversed(options), command)


class ArtasynGroup(click.Group):
    """A program whose errors are one sentence instead of a traceback."""

    def __init__(self, *args: Any, extra: str, **options: Any) -> None:
        """Make the program that `pip install 'artasyn[extra]'` brings."""
        super().__init__(*args, **options)
        self.extra = extra

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the program as a shell does."""
        open_closed_streams()
        return super().main(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the chosen command; exit code 1 where the library, or the system, refused."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            if type(error).show is not click.UsageError.show:
                raise  # a command without arguments shows its help
            raise click.UsageError(_sentence(error.format_message()), error.ctx) from error
        except click.ClickException as error:
            error.message = _sentence(error.message)  # type: ignore[misc]  # final for type checkers alone
            raise
        except KeyboardInterrupt:
            say(f"\nstopped: {_kept(ctx)}", err=True)
            ctx.exit(STOPPED)
        except ArtasynError as error:
            raise click.ClickException(_sentence(error)) from error
        except ModuleNotFoundError as error:
            where = f"{ctx.info_name} {ctx.invoked_subcommand}"
            missing = missing_extra(error, where=where, program=self.extra)
            if missing is None:
                raise  # a fault of ours
            raise click.ClickException(_sentence(missing)) from error
        except MemoryError as error:
            message = f"memory ran out: free some, or start fewer processes; {_kept(ctx)}"
            raise click.ClickException(_sentence(message)) from error
        except BrokenPipeError:
            raise  # whoever reads has enough; click knows
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            remedy = _remedy(error, ctx.invoked_subcommand)
            raise click.ClickException(_sentence(f"{where}{error.strerror or error}{remedy}")) from error
