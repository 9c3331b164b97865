"""A small HTTP server on loopback that stands in for a provider: answers by a function, and has faults on demand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class Fault(StrEnum):
    NONE = ""
    SLOW = "slow"
    BROKEN = "broken"
    GARBAGE = "garbage"
    BUSY = "busy"
    LOST = "lost"
    """The work is done, but the answer does not arrive."""


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]


Answer = tuple[int, str]


@dataclass
class StandIn:
    """`work` answers a request with a status and a text."""

    work: Callable[[Asked], Answer]
    fault: Fault = Fault.NONE
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        outer = self
        self.released = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                outer.answer(self)

            do_GET = do_POST = _answer

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    def answer(self, handler: Any) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
        asked = Asked(
            handler.command, parts.path, dict(parse_qsl(parts.query)),
            dict(parse_qsl(body, keep_blank_values=True)), {k.lower(): v for k, v in handler.headers.items()},
        )  # fmt: skip
        self.asked.append(asked)
        if self.fault is Fault.SLOW:
            self.released.wait(2)
        status, text = 200, "<html>a proxy is talking</html>"
        if self.fault is Fault.BROKEN:
            status = 500
        elif self.fault is Fault.BUSY:
            status = 429
        elif self.fault is not Fault.GARBAGE:
            status, text = self.work(asked)
        if self.fault is Fault.LOST:
            status, text = 502, ""
        payload = text.encode()
        try:
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(payload)))
            handler.end_headers()
            handler.wfile.write(payload)
        except OSError:
            pass  # the other side has hung up

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
