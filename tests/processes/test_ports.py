"""A port that somebody else has stops a process at its start, with the port and the setting that moves it."""

from __future__ import annotations

import io
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from callcart.config import ConfigurationError, config
from callcart.demo import gateway
from callcart.processes import live, web
from callcart.processes.certificate import certificate_files
from callcart.processes.supervise import Program, Supervisor

SERVERS: dict[str, Callable[[], None]] = {"WEB": web.serve, "LIVE": live.serve, "GATEWAY": gateway.serve}


@pytest.fixture(params=["alone", "shared"])
def taken(request: pytest.FixtureRequest) -> Iterator[Callable[[int], None]]:
    """Takes a port; `shared`: as a server does that lets others listen too."""
    held: list[socket.socket] = []

    def take(port: int) -> None:
        listening = socket.socket()
        held.append(listening)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if request.param == "shared":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen()

    yield take
    for each in held:
        each.close()


@pytest.mark.parametrize("name", SERVERS)
def test_a_taken_port_is_named_with_its_setting(taken: Callable[[int], None], name: str) -> None:
    certificate_files()
    port = getattr(config(), f"{name.lower()}_port")
    taken(port)
    with pytest.raises(ConfigurationError) as refused:
        SERVERS[name]()
    said = str(refused.value)
    assert f"127.0.0.1:{port} (Address already in use)" in said
    assert f"CALLCART_{name}_PORT" in said


def test_what_cannot_start_with_this_configuration_is_not_tried_for_a_minute(tmp_path: Path) -> None:
    out = io.StringIO()
    supervisor = Supervisor(tmp_path / "up.json", out=out)
    code = "import sys; print('port 1 is taken'); sys.exit(2)"
    hopeless = Program("web", (sys.executable, "-c", code), ready=lambda: False, patience=3600)
    try:
        with pytest.raises(ConfigurationError, match="web cannot start"):
            supervisor.start_all([hopeless])
    finally:
        supervisor.stop_all()
