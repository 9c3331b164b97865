"""Mail servers for the tests, and whom they are trusted by."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.integrations import tls

from .servers import Imap, Received, smtp


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for 127.0.0.1, and a client's that trusts it."""
    return tls.certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def imap(certificate: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[Callable[..., Imap]]:
    """`imap(tls)`: an IMAP server."""
    running: list[Imap] = []

    def begin(tls: str = "none") -> Imap:
        running.append(Imap(certificate[0], tls))
        return running[-1]

    yield begin
    for each in running:
        each.stop()


@pytest.fixture
def mail_server() -> Iterator[Callable[..., tuple[Received, int]]]:
    """`mail_server(**options)`: what a mail server received, and its port."""
    running: list[Controller] = []

    def begin(**options: Any) -> tuple[Received, int]:
        server, received = smtp(**options)
        running.append(server)
        return received, server.port

    yield begin
    for each in running:
        each.stop()
