"""Where a webhook may go: to machines of the open internet, never into the network that this installation stands in.

A name is resolved when the connection is made and the connection goes to the very address that was looked at, so a name that
changes its mind in between reaches nothing. No redirect is followed, no proxy is asked, and the whole takes ten seconds at most.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from callcart.config import config
from callcart.core.errors import AppError

SECONDS = 10.0
_LOCAL = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
_MAPS_INTO_V4 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("2002::/16"))


class NotPublic(AppError):
    """This address lies in a private network. Webhooks are sent to public addresses only."""

    code = "webhooks.not_public"
    status = 422


class NotResolved(AppError):
    """There is no machine of this name."""

    code = "webhooks.not_resolved"
    status = 422


def private_allowed() -> bool:
    """Whether this installation sends into private networks and without TLS (CALLCART_WEBHOOKS_PRIVATE)."""
    return config().webhooks_private


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; what only wraps a private one is not."""
    found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        if any(found in each for each in _MAPS_INTO_V4):
            return False
        found = found.ipv4_mapped or found
    return found.is_global and not found.is_multicast


def addresses_of(host: str, port: int) -> list[str]:
    """The addresses of a host that may be connected to. Raises NotResolved; NotPublic where one of them is private."""
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotResolved from None
    found = list(dict.fromkeys(str(row[4][0]) for row in rows))
    if not private_allowed() and not all(map(is_public, found)):
        raise NotPublic
    return found


def url_problem(url: str) -> str:
    """A word for what is wrong with an address as it is written: `form`, `https`, `user`, `private`; empty where nothing is. Asks no
    name server: where a name leads is looked at with each delivery."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "form"
    if parts.scheme not in {"https", "http"} or not parts.hostname or port == 0 or parts.fragment:
        return "form"
    if parts.username is not None or parts.password is not None:
        return "user"
    if private_allowed():
        return ""
    return "https" if parts.scheme == "http" else "private" if _is_local(parts.hostname) else ""


def _is_local(host: str) -> bool:
    """Whether a host as it is written is one of this machine or network."""
    plain = host.rstrip(".").lower()
    try:
        return not is_public(plain)
    except ValueError:  # a name
        return "." not in plain or plain.endswith(_LOCAL)


Besides = Callable[[str, int], bool]


class _Timed(httpcore.NetworkStream):
    """A connection whose every wait ends at one moment: a peer that sends a byte now and then holds no worker."""

    def __init__(self, inner: httpcore.NetworkStream, end: float) -> None:
        self._inner, self._end = inner, end

    def _left(self, error: type[Exception]) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise error("time is over")
        return left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._left(httpcore.ConnectTimeout)
        return _Timed(self._inner.start_tls(ssl_context, server_hostname, left), self._end)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Guarded(httpcore.NetworkBackend):
    """Connects to public addresses only, and to the one it has looked at. `besides`: a host and port that may be private."""

    def __init__(self, besides: Besides = lambda host, port: False) -> None:
        self._inner, self._besides = httpcore.SyncBackend(), besides
        self._end = time.monotonic() + SECONDS

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        found = [host] if self._besides(host, port) else addresses_of(host, port)
        for address in found[:2]:
            left = self._end - time.monotonic()
            try:
                stream = self._inner.connect_tcp(address, port, max(left / 2, 0.1), None, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
            return _Timed(stream, self._end)
        raise httpcore.ConnectError("no address answers")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("not over here")

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send and give the status of the answer; its body is not read. Raises NotPublic, NotResolved, httpcore's errors."""
    pool = httpcore.ConnectionPool(
        ssl_context=httpx.create_ssl_context(trust_env=False),
        network_backend=_Guarded(),
        max_connections=1,
        retries=0,
    )
    with pool, pool.stream("POST", url, headers=list(headers.items()), content=body) as response:
        return int(response.status)


def call(
    method: str,
    url: str,
    body: bytes,
    headers: dict[str, str],
    *,
    most: int,
    besides: Besides = lambda host, port: False,
    context: ssl.SSLContext | None = None,
) -> tuple[int, bytes]:
    """As `post`, by any method, and the first `most` bytes of the answer with it."""
    pool = httpcore.ConnectionPool(
        ssl_context=context or httpx.create_ssl_context(trust_env=False),
        network_backend=_Guarded(besides),
        max_connections=1,
        retries=0,
    )
    found = b""
    with pool, pool.stream(method, url, headers=list(headers.items()), content=body) as response:
        for chunk in response.iter_stream():
            found += chunk
            if len(found) > most:
                break
        return int(response.status), found[:most]
