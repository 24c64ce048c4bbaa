"""The page's own web application: what it can be asked for, and the answers."""

import functools
import json
from collections.abc import Callable
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from artasyn.data_manifests.config import config_from_dict, config_to_dict
from artasyn.data_manifests.errors import ArtasynError, ConfigError
from artasyn.synth.explore.controls import CONTROLS
from artasyn.synth.explore.draws import Wanted, draw, shown_subject
from artasyn.synth.explore.exploration import Exploration
from artasyn.synth.explore.guard import Guard
from artasyn.synth.explore.version_index import Filter, VersionIndex
from artasyn.synth.explore.version_pictures import LAYERS, VersionPictures
from artasyn.synth.opacities.kinds.registry import KINDS
from artasyn.synth.opacities.rivals.registry import IN_LUNG, RIVALS

__all__ = ["application"]

PAGE = "index.html"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
FOUND = 60
"""Names that a search among the radiographs returns, at most."""
CARDS = 24
"""Rows of a version on one page."""
MAX_BODY = 100_000
"""Bytes of a request; settings have some 2,000."""

Answer = Callable[[Request], Response]


def application(exploration: Exploration, *, token: str) -> Starlette:
    """Return the application; only who knows the token gets an answer from it."""
    served = _Answers(exploration)
    routes = [
        Route("/", _file(PAGE)),
        *(Route(f"/{name}", _file(name)) for name in _file_names() if name != PAGE),
        Route("/api/start", served.start),
        Route("/api/subjects", served.subjects),
        Route("/api/subject/{place:int}", served.subject),
        Route("/api/draw", served.draw, methods=["POST"]),
    ]
    if exploration.version is not None:
        browsed = _VersionAnswers(exploration)
        routes += [
            Route("/api/counts", browsed.counts),
            Route("/api/rows", browsed.rows),
            Route("/api/row/{row:int}", browsed.row),
            Route("/picture/{row:int}/{name}", browsed.picture),
        ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, token=token)],
        exception_handlers={ArtasynError: _refused},
    )


class _Answers:
    """Answers about radiographs and opacities."""

    def __init__(self, exploration: Exploration) -> None:
        self._exploration = exploration

    def start(self, _request: Request) -> Response:
        """Return all that does not change while the page is open."""
        shown = self._exploration
        return JSONResponse(
            {
                "title": shown.title,
                "subjects": len(shown.subjects),
                "size": shown.config.size,
                "presets": {name: config_to_dict(settings) for name, settings in shown.presets.items()},
                "controls": [asdict(control) for control in CONTROLS],
                "kinds": [{"name": kind.name, "words": kind.words} for kind in KINDS.values()],
                "rivals": [
                    {"name": r.name, "words": r.words, "source": r.source, "second": r.needs_second}
                    for r in RIVALS.values()
                ],
                "in_lung": IN_LUNG,
                "version": shown.version and shown.version.attributes["kind"],
            }
        )

    def subjects(self, request: Request) -> Response:
        """Return the radiographs whose names hold a text."""
        known = self._exploration.subjects
        places = known.find(request.query_params.get("text", ""), limit=FOUND)
        return JSONResponse(
            [{"place": place, "name": known.names[place], "label": known.labels[place]} for place in places]
        )

    def subject(self, request: Request) -> Response:
        """Return one radiograph with its lungs."""
        return JSONResponse(shown_subject(self._exploration.subjects.read(request.path_params["place"])))

    async def draw(self, request: Request) -> Response:
        """Return one opacity with all its pictures."""
        wanted = config_from_dict(Wanted, await _json(request), where="request")
        shown = self._exploration
        return JSONResponse(await run_in_threadpool(draw, shown.subjects, wanted, shown.config))


class _VersionAnswers:
    """Answers about a version."""

    def __init__(self, exploration: Exploration) -> None:
        assert exploration.version is not None
        self._version = exploration.version
        self._pictures = VersionPictures(exploration.version, root=exploration.root)

    @functools.cached_property
    def _index(self) -> VersionIndex:
        return VersionIndex(self._version)

    def counts(self, _request: Request) -> Response:
        """Return what can be filtered by, with counts, and the layers that there are."""
        return JSONResponse({**self._index.counts(), "layers": self._index.layers()})

    def rows(self, request: Request) -> Response:
        """Return one page of the rows that a filter lets through."""
        texts = dict(request.query_params)
        offset = _number(texts.pop("offset", "0"), int)
        limits = {name: _number(texts.pop(name), float) for name in ("faintest", "densest") if name in texts}
        found = self._index.find(config_from_dict(Filter, texts | limits, where="filter"))
        lines = [self._index.line(int(row)) for row in found[offset : offset + CARDS]]
        return JSONResponse({"total": len(found), "offset": offset, "page": CARDS, "rows": lines})

    def row(self, request: Request) -> Response:
        """Return everything that is known of one row."""
        return JSONResponse(self._index.detail(self._row(request)))

    def picture(self, request: Request) -> Response:
        """Return one channel of a row, or its source, as PNG."""
        row, name = self._row(request), request.path_params["name"]
        if name == "source":
            return Response(self._pictures.source(row), media_type="image/png")
        if name not in LAYERS:
            raise HTTPException(404)
        return Response(self._pictures.channel(row, name), media_type="image/png")

    def _row(self, request: Request) -> int:
        row: int = request.path_params["row"]
        if row >= len(self._version):
            raise HTTPException(404)
        return row


def _file_names() -> list[str]:
    return sorted(entry.name for entry in _folder().iterdir() if entry.is_file())


def _folder() -> Any:
    return files("artasyn.synth.explore") / "page"


def _file(name: str) -> Answer:
    """Return what answers with one file of the page, read once: no path is ever made of a request."""
    content = (_folder() / name).read_bytes()
    kind = TYPES[name[name.rindex(".") :]]
    return lambda _request: Response(content, media_type=kind)


async def _json(request: Request) -> Any:
    """Return the body. Raises ConfigError where it is too long, or no JSON."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise ConfigError("request", f"must not have more than {MAX_BODY} bytes")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ConfigError("request", "is no JSON") from error


def _number(text: str, kind: Callable[[str], Any]) -> Any:
    try:
        number = kind(text)
    except ValueError as error:
        raise ConfigError("filter", f"needs a number, got {text[:20]!r}") from error
    if not 0 <= number < 2**31:  # also refuses NaN
        raise ConfigError("filter", f"needs a number from 0, got {text[:20]!r}")
    return number


def _refused(_request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 400)
