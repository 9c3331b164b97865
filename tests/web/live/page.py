"""An open page as the live process sees it: reads its stream in a thread of its own and keeps every message."""

from __future__ import annotations

import ctypes
import http.client
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from callcart.config import config
from callcart.web.middleware import SESSION_COOKIE

PATIENCE = 20.0
SO_ATTACH_FILTER = 26
HOST = "harbor.localhost"


def origin(host: str = HOST) -> str:
    return f"https://{host}:{config().web_port}"


@dataclass
class Message:
    event: str = "message"
    id: str = ""
    data: Any = None

    @property
    def events(self) -> list[dict[str, Any]]:
        if self.event != "message":
            return []
        return self.data if isinstance(self.data, list) else [self.data]


class Refused(Exception):
    def __init__(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        super().__init__(status, body)
        self.status = status
        self.code = json.loads(body)["code"] if body else ""
        self.headers = headers


@dataclass
class Page:
    """`Page.open(port, session)`; `close()` at the end."""

    messages: list[Message] = field(default_factory=list)
    ended: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(
        cls,
        port: int,
        session: str | None,
        *,
        host: str = HOST,
        from_page: str | None = "own",
        last_event_id: str = "",
        tls: bool = False,
        **query: str,
    ) -> Page:
        page = cls()
        context = ssl._create_unverified_context() if tls else None
        page.connection = (
            http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)
            if tls
            else http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        )
        headers = {"Host": f"{host}:{port}", "Accept": "text/event-stream"}
        if from_page is not None:
            headers["Origin"] = origin(host) if from_page == "own" else from_page
        if session is not None:
            headers["Cookie"] = f"{SESSION_COOKIE}={session}"
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        page.connection.request("GET", f"/feed?{urlencode(query)}", headers=headers)
        answer = page.connection.getresponse()
        page.headers = {name.lower(): value for name, value in answer.getheaders()}
        if answer.status != 200:
            raise Refused(answer.status, answer.read(), page.headers)
        page.changed = threading.Condition()
        page.thread = threading.Thread(target=page._read, args=(answer,), daemon=True)
        page.thread.start()
        page.wait(lambda: page.token, "the first token")
        return page

    @property
    def token(self) -> str:
        """What a browser would send as Last-Event-ID."""
        return next((each.id for each in reversed(list(self.messages)) if each.id), "")

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for message in list(self.messages) for event in message.events]

    @property
    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.events]

    @property
    def ids(self) -> list[int]:
        return [event["id"] for event in self.events]

    def names(self) -> list[str]:
        return [message.event for message in list(self.messages)]

    def wait(self, what: Callable[[], Any], name: str = "") -> Any:
        """Until it is so; fails after a long while."""
        deadline = time.monotonic() + PATIENCE
        with self.changed:
            while not (found := what()):
                left = deadline - time.monotonic()
                assert left > 0, f"never came: {name or what}; heard {self.messages}"
                self.changed.wait(min(left, 0.25))
        return found

    def hears(self, kind: str) -> dict[str, Any]:
        """Wait for an event of a kind; the last of them."""
        self.wait(lambda: kind in self.kinds, kind)
        return next(event for event in reversed(self.events) if event["kind"] == kind)

    def ends(self) -> None:
        self.wait(lambda: self.ended, "the end of the stream")

    def fall_asleep(self) -> None:
        """As a laptop that is closed: from now on its network takes nothing, confirms nothing and says no good-bye (a filter that drops
        every packet before TCP sees it)."""
        drop_all = ctypes.create_string_buffer(struct.pack("=HBBI", 0x06, 0, 0, 0))  # BPF: return 0
        program = struct.pack("HP", 1, ctypes.addressof(drop_all))
        self.connection.sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)  # type: ignore[union-attr]

    def close(self) -> None:
        sock = self.connection.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(2)
        self.thread.join(10)
        self.connection.close()

    def _read(self, answer: http.client.HTTPResponse) -> None:
        message, data = Message(), []
        try:
            while line := answer.readline():
                text = line.decode().rstrip("\n")
                if text:
                    name, _, value = text.partition(": ")
                    if name == "data":
                        data.append(value)
                    elif name in ("event", "id"):
                        setattr(message, name, value)
                    continue
                if data:
                    message.data = json.loads("\n".join(data))
                    with self.changed:
                        self.messages.append(message)
                        self.changed.notify_all()
                message, data = Message(), []
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            pass
        with self.changed:
            self.ended = True
            self.changed.notify_all()
