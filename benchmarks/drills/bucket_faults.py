"""A service that speaks S3 on loopback and fails when it is told to: a proxy before moto's server."""

import contextlib
import http.client
import logging
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from unittest import mock

__all__ = ["Service", "served"]

BUSY = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
PATIENCE = {
    "max_retries": 4,
    "retry_timeout": timedelta(seconds=20),
    "backoff": {
        "init_backoff": timedelta(milliseconds=2),
        "max_backoff": timedelta(milliseconds=5),
        "base": 2,
    },
}
HOP = ("connection", "transfer-encoding", "content-length", "date", "server")
"""Headers that each of two servers writes itself."""


@dataclass
class Service:
    """How the service behaves from now on."""

    endpoint: str
    location: str
    """Of a store in its bucket."""
    fails: Callable[[], str] = field(default=lambda: "")
    """Asked at each request: `busy` (503), `lost` (done, but 500 is answered), `cut` (half an answer), or nothing."""


@contextlib.contextmanager
def served(rng: random.Random) -> Iterator[Service]:
    """Serve an empty bucket; the environment says where, and little patience is had."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line a request
    behind = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    behind.start()
    host, port = behind.get_host_and_port()
    service = Service(f"http://{host}:{port}", f"s3://radiographs/{rng.randrange(10**9)}")
    front = ThreadingHTTPServer(("127.0.0.1", 0), _handler((host, port), service))
    Thread(target=front.serve_forever, daemon=True).start()
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{front.server_port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }
    _forward((host, port), "PUT", "/radiographs", {}, b"")
    patience = mock.patch("artasyn.data_manifests.store.bucket.PATIENCE", PATIENCE)
    try:
        with mock.patch.dict(os.environ, environment), patience:
            yield service
    finally:
        front.shutdown()
        front.server_close()
        behind.stop()


def _handler(behind: tuple[str, int], service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fault = service.fails()
            if fault == "busy":
                self.put(503, {}, BUSY)
                return
            answer = _forward(behind, self.command, self.path, dict(self.headers), body)
            if fault == "lost":
                self.put(500, {}, BUSY)
            else:
                self.put(*answer, cut=fault == "cut")

        def put(self, status: int, headers: dict[str, str], data: bytes, *, cut: bool = False) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", headers.get("Content-Length", str(len(data))))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data[: len(data) // 2] if cut else data)
            self.close_connection = cut

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = answer

    return Handler


def _forward(
    behind: tuple[str, int], method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(*behind)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()
