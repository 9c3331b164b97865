"""Demo calls from the desk: processes of their own, a few at a time; and who may call."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from callcart.config import config
from callcart.core.errors import NotFound
from callcart.demo.caller import background, scenes, sip, sound, voices
from callcart.demo.caller.background import PLACES, TooManyCallers, start_in_background
from callcart.demo.data.people import KNOWN_CALLERS


def _free() -> list[int]:
    """Places nobody holds."""
    found = []
    for place in range(PLACES):
        path = config().path("run", f"demo-call-{place}.lock")
        held = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found.append(place)
        except BlockingIOError:
            pass
        finally:
            os.close(held)
    return found


def test_the_desk_finds_it() -> None:
    assert import_string(settings.CALLCART_DEMO_CALL) is start_in_background


def test_a_few_at_a_time() -> None:
    held = [background._take_place() for _ in range(PLACES)]
    try:
        with pytest.raises(TooManyCallers):
            background._take_place()
        os.close(held.pop())
        held.append(background._take_place())
    finally:
        for each in held:
            os.close(each)
    assert len(_free()) == PLACES


def test_a_place_is_held_by_the_call_and_free_after_it(
    template: str, service_number: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from callcart.people.tenants.models import Tenant

    service_number()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exchange:
        exchange.bind(("127.0.0.1", 0))  # at the configured port a real one may stand, of another test
        monkeypatch.setenv("CALLCART_SIP_PORT", str(exchange.getsockname()[1]))
        exchange.settimeout(120)
        start_in_background(Tenant.objects.get(slug="harbor").id, "hidden")
        assert len(_free()) == PLACES - 1
        said, caller = exchange.recvfrom(65_535)
        invite = sip.parse(said)
        assert (invite.method, len(_free())) == ("INVITE", PLACES - 1)
        exchange.sendto(sip.reply(invite, 503, "Not now", tag="theirs").to_bytes(), caller)
        deadline = time.monotonic() + 120  # nobody is there: the call is given up by itself
        while len(_free()) < PLACES:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_shop_that_is_not_there(template: str) -> None:
    with pytest.raises(NotFound):
        start_in_background(999_999, "known")
    assert len(_free()) == PLACES


@pytest.mark.parametrize(("tenant", "language"), [("harbor", "en"), ("qinghe", "zh-hans")])
def test_who_calls(tenant: str, language: str) -> None:
    known = {each.number: each for each in KNOWN_CALLERS if each.tenant == tenant}
    for _ in range(20):
        made = scenes.scene("known", tenant=tenant, language=language)
        assert known[made.number].language == made.language == language
        assert made.name in made.words
        stranger = scenes.scene("unknown", tenant=tenant, language=language)
        assert stranger.number.startswith("+") and stranger.number not in {
            each.number for each in KNOWN_CALLERS
        }
    assert scenes.scene("hidden", tenant=tenant, language=language).number == ""
    assert scenes.scene("chinese", tenant=tenant, language=language).keys == "2"
    assert {made.language, stranger.language} == {language}
    with pytest.raises(scenes.NoSuchCaller):
        scenes.scene("ghost", tenant=tenant, language=language)


def test_a_voice_is_made_once_and_can_be_played() -> None:
    words = [("en", "Hello, this is a test."), ("zh-hans", "你好，这是测试。")]
    assert voices.make_voices(words) == 2
    assert voices.make_voices(words) == 0
    for language, text in words:
        samples = voices.voice(language, text)
        pause = sound.RATE * 3
        assert sound.loudness(samples[:-pause]) > 500
        assert set(samples[-pause:]) == {0}


def test_a_voice_that_could_not_be_made_is_a_tone(tmp_path: Path) -> None:
    samples = voices.voice("en", "never spoken")
    assert sound.share_of_tone(samples[: sound.RATE], 440) > 0.9
