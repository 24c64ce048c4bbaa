"""Let in only the person who started the page: a token, this machine's own name, this page's own requests.

A page of another site cannot read the token, nor send the cookie (SameSite), nor pass as this host by a name that
it points at 127.0.0.1 (DNS rebinding): the Host header would still say that name.
"""

import secrets

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard"]

HOSTS = ("127.0.0.1", "localhost")
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
POLICY += "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
REFUSED = "Open the address that `artasyn-synth explore` printed: it holds the token that lets you in.\n"


class Guard:
    """An ASGI middleware that answers 403 to whoever does not know the token or comes from elsewhere."""

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        """Take the application and the token of this run."""
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = self._refusal_or_entry(Request(scope))
        await (answer or self._app)(scope, receive, _with_headers(send))

    def _refusal_or_entry(self, request: Request) -> Response | None:
        """Return what to answer instead of the page; None where the request may pass."""
        host = request.headers.get("host", "")
        if _name_of(host) not in HOSTS or not _is_own(request, host):
            return PlainTextResponse("This page answers to 127.0.0.1 alone.\n", 403)
        # Cookies are shared between the ports of a host: each run has its own.
        cookie = f"artasyn_explore_{host.rpartition(':')[2]}"
        if request.url.path == "/" and self._is_token(request.query_params.get("token", "")):
            entry = RedirectResponse("/", 303)
            entry.set_cookie(cookie, self._token, httponly=True, samesite="strict")
            return entry
        if not self._is_token(request.cookies.get(cookie, "")):
            return PlainTextResponse(REFUSED, 403)
        return None

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self._token.encode())


def _name_of(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def _is_own(request: Request, host: str) -> bool:
    """Say whether a request that may change or compute something comes from this very page."""
    origin = request.headers.get("origin")
    if request.method in ("GET", "HEAD") and origin is None:
        return True
    return origin == f"http://{host}"


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
        await send(message)

    return send_with_headers
