"""The whole system starts by one command, and what is killed comes back."""

from __future__ import annotations

import ssl
import urllib.request

import pytest

from tests.journeys.system import System, eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


def _status(url: str) -> int:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(url, context=context, timeout=5) as answer:
            return int(answer.status)
    except OSError:
        return 0


def test_it_answers_and_holds_the_demo_shops(system: System) -> None:
    assert _status(f"https://127.0.0.1:{system.port('web')}/readyz") == 200
    slugs = {row["slug"] for row in system.rows("SELECT slug FROM tenants_tenant")}
    assert {"harbor", "qinghe"} <= slugs


@pytest.mark.kill
@pytest.mark.parametrize("name", ["web", "worker", "asterisk"])
def test_a_killed_process_comes_back(system: System, name: str) -> None:
    former = system.kill(name)
    system.wait_back(name, former)
    eventually(lambda: _status(f"https://127.0.0.1:{system.port('web')}/readyz") == 200, "web is well")
