"""A webhook reaches the open internet only, whatever its name says and whenever it says it."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import httpcore
import pytest

from callcart.engage.webhooks import guard
from tests.engage.webhooks.listener import Listener

PRIVATE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1",
    "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::", "255.255.255.255",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses(address: str) -> None:
    assert not guard.is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"]
)
def test_public_addresses(address: str) -> None:
    assert guard.is_public(address)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://example.com/hooks?x=1", ""),
        ("https://93.184.215.14:8443/", ""),
        ("http://example.com/", "https"),
        ("https://localhost/", "private"),
        ("https://printer/", "private"),
        ("https://db.internal./", "private"),
        ("https://127.0.0.1/", "private"),
        ("https://[::1]/", "private"),
        ("https://[fe80::1%25eth0]/", "private"),
        ("https://user:pw@example.com/", "user"),
        ("https://example.com/#x", "form"),
        ("https:///x", "form"),
        ("ftp://example.com/", "form"),
        ("https://example.com:99999/", "form"),
        ("https://[::1/", "form"),
        ("gopher", "form"),
        ("", "form"),
    ],
)
def test_addresses_as_they_are_written(url: str, problem: str) -> None:
    assert guard.url_problem(url) == problem


def test_nothing_is_sent_into_the_own_network(listener: Listener) -> None:
    with pytest.raises(guard.NotPublic):
        guard.post(listener.url, b"{}", {})
    assert listener.taken == []


def test_a_name_that_leads_inside(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where only one of its addresses does; and the address that was looked at is the one connected to."""
    port = int(listener.url.rsplit(":", 1)[1].partition("/")[0])

    def resolve(*addresses: str) -> Any:
        return lambda host, at, **_more: [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, at)) for each in addresses
        ]

    monkeypatch.setattr(guard.socket, "getaddrinfo", resolve("93.184.215.14", "127.0.0.1"))
    with pytest.raises(guard.NotPublic):
        guard.post(f"http://shop.example:{port}/hook", b"{}", {})
    assert listener.taken == []
    connected = list[str]()

    def connect(self: object, host: str, *_rest: Any, **_more: Any) -> Any:
        connected.append(host)
        raise httpcore.ConnectError

    monkeypatch.setattr(guard.socket, "getaddrinfo", resolve("93.184.215.14"))
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    with pytest.raises(httpcore.ConnectError):
        guard.post("http://shop.example/hook", b"{}", {})
    assert connected == ["93.184.215.14"]


def test_no_machine_of_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: Any, **_more: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(guard.socket, "getaddrinfo", fail)
    with pytest.raises(guard.NotResolved):
        guard.post("https://nobody.example/", b"{}", {})


@pytest.mark.usefixtures("inside")
def test_a_peer_that_drips_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            peer, _address = server.accept()
            with peer:
                for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 100:
                    try:
                        peer.sendall(bytes([byte]))
                    except OSError:
                        return
                    time.sleep(0.05)

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(httpcore.TimeoutException):
            guard.post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
        assert time.monotonic() - began < 2
