"""The whole system starts by one command, and what is killed comes back."""

from __future__ import annotations

import urllib.request

import pytest

from tests.journeys.system import System, any_certificate, eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, context=any_certificate(), timeout=5) as answer:
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
