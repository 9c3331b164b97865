"""Who gets in, and that nobody gets out: strangers are refused, a trunk works as its example says, no call leads outside."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from callcart.config import config
from callcart.contact.voice.engine import CallArrived
from callcart.core.secrets import secret
from callcart.integrations.asterisk import conf
from callcart.integrations.asterisk.ari import Ari, Place
from callcart.processes.asterisk import Asterisk
from tests.environment import free_ports
from tests.integrations.asterisk.conftest import CARRIER, Exchange
from tests.journeys.agent import Account, register
from tests.journeys.caller import Caller
from tests.journeys.system import eventually

pytestmark = pytest.mark.journey
DialIn = Callable[..., Caller]

# What the dial plan may do. Dial, System, AGI, Originate or Transfer are not among it.
HARMLESS = {
    *("Set", "MixMonitor", "StopMixMonitor", "Stasis", "GotoIf", "Goto", "Ringing", "Wait", "Answer"),
    *("Playback", "Echo", "Hangup"),
}
WAYS_OUT = ("app_dial", "app_system", "app_originate", "app_transfer", "res_agi", "func_shell", "pbx_spool")


async def test_the_example_of_a_trunk_works(exchange: Exchange, dial_in: DialIn) -> None:
    dial_in(local=CARRIER)
    assert (await exchange.wait(CallArrived)).caller == "+12025550177"


@pytest.mark.parametrize("number", ["anonymous", "+12025550177", "carrier", "demo-trunk", "demo-phone"])
async def test_a_stranger_is_refused(exchange: Exchange, dial_in: DialIn, number: str) -> None:
    caller = dial_in(local="127.0.0.77", number=number)
    await asyncio.to_thread(eventually, lambda: "not answered" in caller.log(), "the stranger is refused")
    assert exchange.count(CallArrived) == 0


async def test_without_demo_the_test_callers_are_strangers_too(tmp_path: Path, asterisk: Asterisk) -> None:
    plan = dataclasses.replace(asterisk.plan, demo=False, folder=tmp_path / "plain", runtime=tmp_path / "run")
    conf.write(dataclasses.replace(plan, trunks_file=tmp_path / "trunks.conf"), asterisk.installed)
    text = (plan.etc / "pjsip.conf").read_text(encoding="utf-8")
    assert "identify" not in re.findall(r"^type = (\w+)", text, re.MULTILINE)
    assert "[demo" not in text


@pytest.mark.parametrize("number", ["+12025550100", "0019005550100", "*43", "s", "h"])
async def test_a_trunk_reaches_our_application_or_nothing(
    exchange: Exchange, dial_in: DialIn, number: str
) -> None:
    caller = dial_in(service=number)
    if number[0] in "+0":
        assert (await exchange.wait(CallArrived)).dialled == number
    else:
        await asyncio.to_thread(eventually, lambda: "not answered" in caller.log(), "it leads nowhere")
        assert exchange.count(CallArrived) == 0


async def test_nothing_that_dials_out_is_loaded_or_written(asterisk: Asterisk) -> None:
    plan = (asterisk.plan.etc / "extensions.conf").read_text(encoding="utf-8")
    used = set(re.findall(r"(?:,1|=> n(?:\(\w+\))?),(\w+)\(", plan))
    assert used <= HARMLESS
    assert "Stasis" in used
    ari = Ari(Place(config().asterisk_http_port, secret("ari")), "looking")
    running = {each["name"].removesuffix(".so") for each in await ari.get("asterisk/modules")}
    await ari.close()
    assert "app_stasis" in running
    assert running.isdisjoint(WAYS_OUT)


async def test_a_wrong_password_opens_nothing(asterisk: Asterisk, exchange: Exchange, tmp_path: Path) -> None:
    for name in ("demo-phone", "carrier", "callcart", "desk-of-nobody"):
        wrong = Account(name, "guessed", config().sip_port, address="127.0.0.77")
        assert await asyncio.to_thread(register, tmp_path / name, wrong, free_ports(1, wrong.address)[0]) != 0


def test_control_listens_on_loopback_with_a_secret_that_only_we_read(asterisk: Asterisk) -> None:
    etc = asterisk.plan.etc
    http = (etc / "http.conf").read_text(encoding="utf-8")
    assert "bindaddr = 127.0.0.1" in http
    assert "tlsenable = no" in http
    for path in etc.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path.name
    assert len(secret("ari")) == 64
