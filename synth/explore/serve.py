"""Serve the page on this machine's loopback address until Ctrl-C."""

import secrets
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from artasyn.data_manifests.errors import BusyError
from artasyn.synth.explore.application import application
from artasyn.synth.explore.exploration import Exploration, open_exploration
from artasyn.synth.threads import one_thread

__all__ = ["explore_source", "serve"]

LOOPBACK = "127.0.0.1"


def explore_source(
    spec: str, *, preset: str, size: int | None, root: Path | None, port: int, say: Callable[[str], None]
) -> None:
    """Open `spec` as `open_exploration` does and serve it; `say` is told what is shown, and where."""
    opened = open_exploration(spec, preset=preset, size=size, root=root)
    several = "s" * (len(opened.subjects) != 1)
    say(f"{opened.title}: {len(opened.subjects):,} radiograph{several}")
    serve(opened, port=port, announce=lambda address: say(f"Open {address}   (Ctrl-C ends it)"))


def serve(exploration: Exploration, *, port: int = 0, announce: Callable[[str], None]) -> None:
    """Serve on 127.0.0.1 at `port` (0: any free one), and announce the address with its token once it is bound.

    Raises BusyError where the port is taken.
    """
    token = secrets.token_urlsafe(24)
    app = application(exploration, token=token)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(bound, port)
        bound.listen()  # whoever opens the address at once waits, and is not refused
        announce(f"http://{LOOPBACK}:{bound.getsockname()[1]}/?token={token}")
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, lifespan="off"
        )
        with one_thread():
            uvicorn.Server(config).run(sockets=[bound])


def _bind(bound: socket.socket, port: int) -> None:
    try:
        bound.bind((LOOPBACK, port))
    except OSError as error:
        reason = f"cannot be listened on: {error.strerror}"
        raise BusyError(f"port {port}", reason, "choose another --port, or leave it out") from error
