"""The live process: uvicorn with the live application. Any number may run; kill it at any time, pages continue at the next
one by their token. On SIGTERM everybody is told to come back, then it ends.
"""

from __future__ import annotations

import gc
import logging
import os
import resource
import socket
from typing import Any

import uvicorn

from callcart.config import config
from callcart.core.ports import bound
from callcart.processes.certificate import certificate_files

BACKLOG = 4096
STALLED_MS = 30_000  # a peer that takes nothing for so long is gone
LONGEST_HEADERS = 64 * 1024


def serve() -> None:
    """Until SIGTERM or SIGINT."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcart.settings")
    import django

    django.setup()
    from callcart.web.live.app import Live

    _raise_file_limit()
    live = Live()
    # What we end in mid-answer on purpose (a page that does not read) is not an error of the server.
    logging.getLogger("uvicorn.error").addFilter(_cut_off_by_us)
    listening = _listen()
    # What is loaded now stays: the collector need not look through it while streams wait.
    gc.collect()
    gc.freeze()
    _Server(live.say_farewell, uvicorn.Config(live.application, **_options())).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Says farewell before connections are closed."""

    def __init__(self, farewell: Any, settings: uvicorn.Config) -> None:
        super().__init__(settings)
        self._farewell = farewell

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._farewell()
        await super().shutdown(sockets)


def _options() -> dict[str, Any]:
    settings = config()
    tls: dict[str, Any] = {}
    if settings.tls:
        certificate, key = certificate_files()
        tls = {"ssl_certfile": str(certificate), "ssl_keyfile": str(key)}
    return {
        "lifespan": "on",
        "ws": "websockets-sansio",
        "ws_max_size": 64 * 1024,
        "ws_ping_interval": 20.0,
        "ws_ping_timeout": 20.0,
        "ws_per_message_deflate": False,
        "h11_max_incomplete_event_size": LONGEST_HEADERS,
        "timeout_graceful_shutdown": 5,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "log_config": None,
        "log_level": "warning",
        "backlog": BACKLOG,
        **tls,
    }


def _listen() -> socket.socket:
    """The listening socket; connections inherit its limits on peers that are gone without a word."""
    settings = config()
    listening = bound("The live process", settings.host, settings.live_port, setting="CALLCART_LIVE_PORT")
    wait_for_nobody_gone(listening)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.listen(BACKLOG)
    return listening


def wait_for_nobody_gone(listening: socket.socket) -> None:
    """A laptop that was closed, or a network that is gone, says no good-bye: what is sent and not confirmed for so long ends the
    connection. Each page is sent something every few seconds."""
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED_MS)


def _raise_file_limit() -> None:
    """A connection is a file: as many as the system lets us have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _cut_off_by_us(record: logging.LogRecord) -> bool:
    return "without completing response" not in record.getMessage()
