"""Mail servers for the tests, and whom they are trusted by."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from .servers import Imap, Received, smtp


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for 127.0.0.1, and a client's that trusts it."""
    folder: Path = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
         cert, "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    return server, ssl.create_default_context(cafile=str(cert))


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
