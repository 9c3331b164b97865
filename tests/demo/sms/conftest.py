"""`company`: the demo SMS centre in a thread, by plain HTTP and SMPP on ports of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn

from callcart.demo.sms import fates
from callcart.demo.sms.fates import Fate, Way
from callcart.demo.sms.serve import application
from callcart.engage.webhooks import guard
from callcart.integrations.sms import http as http_channel
from callcart.integrations.sms import provider, smpp
from tests.environment import free_ports
from tests.integrations.sms.centre import until

SHOP, PHONE = "+12025550123", "+12025550142"


@dataclass
class Company:
    url: str
    smpp_port: int
    path: Path

    def turn(self, number: str, *, fate: Fate = Fate.WELL, way: Way = Way.WELL) -> None:
        answer = httpx.post(f"{self.url}/phone/{number}/set", data={"fate": fate, "way": way})
        assert answer.status_code == 303

    def write(self, number: str, text: str, shop: str = SHOP) -> None:
        assert httpx.post(f"{self.url}/phone/{number}", data={"shop": shop, "text": text}).status_code == 303

    def page(self, number: str) -> str:
        return httpx.get(f"{self.url}/phone/{number}/messages").text


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    path = tmp_path_factory.mktemp("sms") / "book.sqlite"
    web, smpp_port = free_ports(2)
    server = uvicorn.Server(
        uvicorn.Config(application(path, smpp_port=smpp_port), host="127.0.0.1", port=web, log_level="error")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    yield Company(f"http://127.0.0.1:{web}", smpp_port, path)
    server.should_exit = True
    thread.join(10)


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smpp, "address_for", lambda host, port: host)
    for module in (http_channel, provider):
        monkeypatch.setattr(module, "may_be_private", lambda host, port: True)
    monkeypatch.setattr(guard, "private_allowed", lambda: True)
    monkeypatch.setattr(fates, "RECEIPT_AFTER", 0.0)
