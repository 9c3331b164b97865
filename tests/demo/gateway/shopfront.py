"""Both ends of a payment for tests: the company in a process of its own, and our web listening for its messages in threads
of the test, on the test's database, over TLS with the installation's certificate."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from callcart.config import config
from callcart.integrations.demo_company import only_ours
from callcart.processes.certificate import certificate_files
from tests.web.serving import serving


class Web:
    """Our web. `down`: it answers 503 to everything; `asked` counts requests."""

    def __init__(self) -> None:
        from callcart.web.wsgi import application

        self.down = False
        self.asked = 0
        self._application = application
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate_files())
        self._serving = ExitStack()
        self._port = self._serving.enter_context(serving(self._answer, tls=tls))

    @property
    def url(self) -> str:
        return f"https://harbor.localhost:{self._port}"

    def close(self) -> None:
        self._serving.close()

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.asked += 1
        if self.down:
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        return self._application(environ, start_response)


class Company:
    """The payment company's process. `kill` is kill -9."""

    def __init__(self) -> None:
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", "callcart.cli", "demo", "gateway"], env=os.environ)
        deadline = time.monotonic() + 60
        while not self._is_well():
            assert process.poll() is None and time.monotonic() < deadline, "the company does not start"
            time.sleep(0.05)
        return process

    def _is_well(self) -> bool:
        try:
            return self.get("/healthz").status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        self.process = self._start()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)

    def get(self, url: str) -> httpx.Response:
        return self._ask("GET", url)

    def post(self, url: str, **form: str) -> httpx.Response:
        """A buyer presses a button of a page."""
        return self._ask("POST", url, data=form)

    def raw(self, path: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
        return self._ask("POST", path, content=body, headers=headers)

    def _ask(self, method: str, url: str, **values: Any) -> httpx.Response:
        path = urlsplit(url)._replace(scheme="", netloc="").geturl()
        here = f"https://127.0.0.1:{config().gateway_port}{path}"
        return httpx.request(method, here, verify=only_ours(), trust_env=False, timeout=10, **values)


@contextmanager
def open_company() -> Iterator[Company]:
    certificate_files()
    company = Company()
    try:
        yield company
    finally:
        company.stop()


def eventually(look: Callable[[], bool], *, patience: float = 30) -> None:
    """Ask again until it is so."""
    deadline = time.monotonic() + patience
    while not look():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)
