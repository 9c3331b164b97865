"""The caller against the real Asterisk, with a small dialplan of the test's own in the place of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from callcart.config import config
from callcart.demo.caller import Caller, CallFailed, CallState, Line, sound
from callcart.demo.caller.talk import Plan, talk
from callcart.integrations.asterisk import conf
from callcart.processes import asterisk

pytestmark = pytest.mark.journey

DIALPLAN = """
[general]
static = yes
[inbound]
exten => +1001,1,Answer()
 same => n,Echo()
exten => +1002,1,Answer()
 same => n,Playtones(1000)
 same => n,Wait(20)
exten => +1003,1,Answer()
 same => n,Read(PRESSED,,4,,1,20)
 same => n,SendDTMF(${PRESSED},200,200)
 same => n,Wait(1)
 same => n,Hangup()
exten => +1004,1,Hangup(17)
exten => +1005,1,Ringing()
 same => n,Wait(60)
exten => +1006,1,Answer()
 same => n,Wait(30)
exten => +1007,1,GotoIf($["${CALLERID(num)}/${CALLERID(name)}" = "+12025550123/Grace"]?well)
 same => n,GotoIf($["${CALLERID(num):0:9}" = "anonymous"]?well)
 same => n,Hangup(1)
 same => n(well),Answer()
 same => n,Wait(5)
exten => _+120255501XX,1,Answer()
 same => n,Playtones(1000)
 same => n,Wait(60)
"""


@pytest.fixture(scope="module")
def telephone() -> Iterator[tuple[str, int]]:
    """Where a running Asterisk with the dialplan above listens."""
    write = conf.write

    def with_ours(plan: conf.Plan, installed: object) -> None:
        write(plan, installed)  # type: ignore[arg-type]
        (plan.etc / "extensions.conf").write_text(DIALPLAN, encoding="utf-8")

    plan = replace(asterisk.plan(), extra_modules=("app_playtones", "app_read", "app_senddtmf"))
    running = asterisk.Asterisk(asterisk.find(), plan)
    conf.write = with_ours
    try:
        running.start()
        yield "127.0.0.1", config().sip_port
    finally:
        conf.write = write
        running.stop()


async def test_sound_goes_both_ways(telephone: tuple[str, int]) -> None:
    seen: list[CallState] = []
    async with Caller("+1001", number="+12025550123", server=telephone, on_change=seen.append) as call:
        await call.dial()
        call.play(sound.tone(700, seconds=2), repeat=True)
        await call.until(lambda heard: heard.tone(700) > 0.9 and heard.packets > 50)
        assert call.received.loudness > 3000
        call.play(sound.tone(1500, seconds=2), repeat=True)
        await call.until(lambda heard: heard.tone(1500) > 0.9)
        assert call.received.tone(700) < 0.1
        await call.hang_up()
        assert call.state is CallState.ENDED and call.ended_by_us
    assert seen[0] is CallState.DIALLING and seen[-2:] == [CallState.TALKING, CallState.ENDED]


async def test_silence_is_told_from_sound(telephone: tuple[str, int]) -> None:
    async with Caller("+1001", number="+12025550123", server=telephone) as call:
        await call.dial()
        await call.until(lambda heard: heard.packets >= 50)
        assert call.received.heard == 0 and call.received.loudness < sound.SILENT_BELOW
    async with Caller("+1002", number="+12025550123", server=telephone) as call:
        await call.dial()
        await call.until(lambda heard: heard.heard >= 60)
        assert call.received.tone(1000) > 0.9


async def test_keys_arrive_each_once_and_the_other_sides_are_heard(telephone: tuple[str, int]) -> None:
    async with Caller("+1003", number="+12025550123", server=telephone) as call:
        await call.dial()
        await call.press("17*")
        await call.press("7")
        await call.wait_until_ended(patience=20)
        assert call.received.keys == "17*7"
        assert not call.ended_by_us


async def test_a_busy_number_says_so(telephone: tuple[str, int]) -> None:
    async with Caller("+1004", number="+12025550123", server=telephone) as call:
        with pytest.raises(CallFailed) as failed:
            await call.dial()
        assert failed.value.status == 486
        assert call.state is CallState.ENDED


async def test_nobody_answers_and_the_caller_gives_up(telephone: tuple[str, int]) -> None:
    async with Caller("+1005", number="+12025550123", server=telephone) as call:
        with pytest.raises(CallFailed) as failed:
            await call.dial(patience=1)
        assert failed.value.status == 408
        assert call.ended_by_us and call.end_reason.startswith("487")


async def test_the_call_shows_its_number_or_none(telephone: tuple[str, int]) -> None:
    for number, name in (("+12025550123", "Grace"), ("", "")):
        async with Caller("+1007", number=number, name=name, server=telephone) as call:
            await call.dial()
    async with Caller("+1007", number="+12025550124", server=telephone) as call:
        with pytest.raises(CallFailed):
            await call.dial()


async def test_a_stranger_is_not_let_in(telephone: tuple[str, int]) -> None:
    async with Caller("+1001", number="+12025550123", server=telephone, local="127.0.0.40") as call:
        with pytest.raises(CallFailed):
            await call.dial(patience=5)


def test_many_calls_at_once_from_threads(telephone: tuple[str, int]) -> None:
    lines = [
        Line("+1001", number=f"+1202555017{n}", server=telephone, local=f"127.0.0.{10 + n}") for n in range(6)
    ]
    try:
        for place, line in enumerate(lines):
            line.__enter__()
            line.dial()
            line.play(sound.tone(500 + 100 * place, seconds=2), repeat=True)
        for place, line in enumerate(lines):
            line.until(lambda heard, hertz=500 + 100 * place: heard.tone(hertz) > 0.9)  # type: ignore[misc]
    finally:
        for line in lines:
            line.__exit__(None, None, None)
    assert {line.state for line in lines} == {CallState.ENDED}


async def test_a_demo_call_tells_what_happens(telephone: tuple[str, int]) -> None:
    said: list[str] = []
    plan = Plan("+1002", "+12025550123", keys="1", seconds=6, server=telephone)
    assert await talk(plan, voice=sound.tone(440, seconds=1), say=said.append)
    assert said[0] == "dialling" and "answered" in said and "something is said: the greeting" in said
    assert "pressed 1" in said and said[-1].startswith("hung up; ")
    said.clear()
    assert not await talk(replace(plan, service="+1004"), voice=[], say=said.append)
    assert said[-1].startswith("the call failed: 486")


def test_the_command_calls_a_shop(
    telephone: tuple[str, int], template: str, tmp_path: Path, service_number: Callable[[], None]
) -> None:
    command = [sys.executable, "-m", "callcart.cli", "demo", "call", "--tenant", "harbor", "--seconds", "3"]
    service_number()
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "calling +12025550100 from +1202555" in done.stdout
    assert "packets received" in done.stdout
    done = subprocess.run(
        [*command, "--tenant", "nobody"], env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and "no shop called nobody" in done.stderr
