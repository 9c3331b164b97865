"""Scanners on a real Asterisk: nobody gets in, each request is counted by address, a known one never is."""

from __future__ import annotations

import socket
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from callcart.config import config
from callcart.contact.voice.engine import CallArrived
from callcart.integrations.asterisk.strangers import SecurityLog
from callcart.processes.asterisk import Asterisk
from tests.environment import free_ports
from tests.integrations.asterisk.conftest import CARRIER, Exchange
from tests.journeys.agent import Account, register
from tests.journeys.caller import Caller
from tests.journeys.system import eventually

pytestmark = pytest.mark.journey
SCANNER, OTHER = "127.0.0.66", "127.0.0.67"


def flood(address: str, method: str, count: int) -> None:
    """As scanners do it: one request after the other, nobody reads the answers."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as wire:
        wire.bind((address, 0))
        port = wire.getsockname()[1]
        for number in range(count):
            name = f"{100 + number}"
            text = "\r\n".join(
                [
                    f"{method} sip:{name}@callcart SIP/2.0",
                    f"Via: SIP/2.0/UDP {address}:{port};branch=z9hG4bK{uuid.uuid4().hex}",
                    f"From: <sip:{name}@callcart>;tag={number}",
                    f"To: <sip:{name}@callcart>",
                    f"Call-ID: {uuid.uuid4().hex}",
                    f"CSeq: 1 {method}",
                    f"Contact: <sip:{name}@{address}:{port}>",
                    "User-Agent: friendly-scanner",
                    "Max-Forwards: 70",
                    "Content-Length: 0",
                ]
            )
            wire.sendto(f"{text}\r\n\r\n".encode(), ("127.0.0.1", config().sip_port))


@pytest.fixture
def log(asterisk: Asterisk) -> SecurityLog:
    found = SecurityLog(asterisk.plan.security_log)
    found.look()
    return found


def counted(log: SecurityLog, enough: Callable[[Counter[str]], bool]) -> Counter[str]:
    total: Counter[str] = Counter()

    def look() -> bool:
        total.update(log.look())
        return enough(total)

    eventually(look, "the strangers are counted")
    return total


async def test_floods_of_calls_and_registrations_are_counted_by_address(
    exchange: Exchange, asterisk: Asterisk, log: SecurityLog
) -> None:
    flood(SCANNER, "INVITE", 40)
    flood(OTHER, "REGISTER", 30)
    found = counted(log, lambda total: total[SCANNER] >= 40 and total[OTHER] >= 30)
    assert found == {SCANNER: 40, OTHER: 30}
    assert exchange.count(CallArrived) == 0
    log.look()
    assert asterisk.plan.security_log.stat().st_size == 0


async def test_a_guessed_password_counts_and_the_right_one_does_not(
    exchange: Exchange, account: Account, log: SecurityLog, tmp_path: Path
) -> None:
    assert register(tmp_path / "right", account, free_ports(1, account.address)[0]) == 0
    wrong = Account(account.username, "guessed", config().sip_port, address=SCANNER)
    assert register(tmp_path / "wrong", wrong, free_ports(1, SCANNER)[0]) != 0
    found = counted(log, lambda total: total[SCANNER] >= 1)
    assert set(found) == {SCANNER}


async def test_a_trunk_is_no_stranger(
    exchange: Exchange, dial_in: Callable[..., Caller], log: SecurityLog
) -> None:
    dial_in(local=CARRIER)
    await exchange.wait(CallArrived)
    flood(SCANNER, "OPTIONS", 1)
    assert set(counted(log, lambda total: total[SCANNER] >= 1)) == {SCANNER}


def test_a_browser_whose_account_has_ended_is_no_stranger(tmp_path: Path) -> None:
    line = 'SECURITY[1]: x SecurityEvent="ChallengeResponseFailed",Service="PJSIP",AccountID="desk-1",LocalAddress="IPV4/{way}/127.0.0.1/5060",RemoteAddress="IPV4/{way}/203.0.113.{last}/4711"\n'
    path = tmp_path / "security"
    path.write_text(line.format(way="WS", last=1) + line.format(way="UDP", last=2) + "half a line")
    assert SecurityLog(path).look() == {"203.0.113.2": 1}
    assert SecurityLog(path).look() == {}  # the next process begins where this one was
    assert path.read_text() == ""  # nothing was written for a while
    with path.open("a") as file:
        file.write(line.format(way="TCP", last=3))
    assert SecurityLog(path).look() == {"203.0.113.3": 1}
    assert SecurityLog(tmp_path / "none").look() == {}
