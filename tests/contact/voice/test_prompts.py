"""Prompts for real: spoken by the speaking process, cached by what they say, in files the telephone engine can play."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import wave
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from callcart.contact.voice import replace
from callcart.contact.voice.flow import Utterance
from callcart.contact.voice.speech import missing, prompts
from callcart.contact.voice.speech.music import hold_music
from callcart.contact.voice.speech.phrases import SHOP, TONE, known_phrases
from callcart.contact.voice.speech.prompts import Prompts, render_all, speak_to, spoken, sweep
from callcart.contact.voice.speech.sound import loudness, read_wav, wav
from callcart.contact.voice.speech.speaker import NotSpoken, Speaker, Voice
from callcart.core import clock, files
from callcart.core.actor import Actor
from callcart.core.models import Event
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant

ENGLISH = Utterance("Your parcel is on its way.", "en")
CHINESE = Utterance("包裹正在运输途中。", "zh-hans")


def heard(path: Path) -> float:
    """The loudness of a file that is exactly what the telephone engine plays."""
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 8000)
    return loudness(read_wav(path.read_bytes()))


@pytest.mark.parametrize(
    ("text", "language"), [("I would like two mugs.", "en"), ("我想订两个杯子。", "zh-hans")]
)
def test_a_callers_words_become_a_file(tmp_path: Path, text: str, language: str) -> None:
    speak_to(tmp_path / "voices" / "caller.wav", text, language)
    assert heard(tmp_path / "voices" / "caller.wav") > 0.03


def test_chinese_is_spoken_as_chinese_not_spelled(tmp_path: Path) -> None:
    """A voice that does not know the characters says `Chinese letter` for each, which takes far longer."""
    speak_to(tmp_path / "zh.wav", "查询最近一笔订单请按一", "zh-hans")
    assert 1.5 < read_wav((tmp_path / "zh.wav").read_bytes()).seconds < 5


def test_a_text_is_spoken_once_and_another_is_another_file(tmp_path: Path) -> None:
    name = spoken(tmp_path, "Good morning.", "en")
    path = tmp_path / f"{name}.wav"
    before = path.stat().st_ino
    assert spoken(tmp_path, "Good morning.", "en") == name
    assert path.stat().st_ino == before
    others = {spoken(tmp_path, "Good evening.", "en"), spoken(tmp_path, "Good morning.", "zh-hans")}
    assert name not in others
    assert len(others) == 2


def test_a_text_with_nothing_in_it_is_not_spoken(tmp_path: Path) -> None:
    with pytest.raises(NotSpoken):
        spoken(tmp_path, "…", "en")
    assert list(tmp_path.rglob("*.wav")) == []


def test_set_up_speaks_every_prompt_that_ships_and_makes_the_music(tmp_path: Path) -> None:
    render_all(tmp_path)
    shipped = [text for each in known_phrases().values() for text in each.texts.values() if SHOP not in text]
    found = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.wav")}
    assert len(found) == len(set(shipped)) + 5
    assert all(heard(path) > 0.02 for path in found)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o644 for path in found)
    for name in ("unavailable.wav", "unavailable-zh.wav", "hold-on.wav", "hold-on-zh.wav"):
        assert tmp_path / name in found
    render_all(tmp_path)
    assert set(tmp_path.rglob("*.wav")) == set(found)


def test_files_are_open_to_the_engines_user_whatever_our_mask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        name = spoken(tmp_path / "prompts", "Good morning.", "en")
    finally:
        os.umask(before)
    path = tmp_path / "prompts" / f"{name}.wav"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o755 for each in list(path.parents)[:3])


def test_the_music_is_quiet_and_goes_round_without_a_seam() -> None:
    music = hold_music()
    assert music.seconds == 48
    assert 0.02 < loudness(music) < 0.1
    samples = music.samples
    steps = [abs(after - before) for before, after in pairwise(samples)]
    assert abs(samples[0] - samples[-1]) <= max(steps)
    seconds = [samples[at : at + 8000] for at in range(0, len(samples), 8000)]
    assert all(max(map(abs, second)) > 300 for second in seconds), "no gap"


def test_the_library_is_not_loaded_into_our_processes() -> None:
    looked = subprocess.run(
        [sys.executable, "-c", "import callcart.contact.voice.speech.speaker, sys; print('espeakng_loader' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert looked.stdout.strip() == "False"


def test_a_speaking_process_that_died_is_started_again() -> None:
    speaker = Speaker()
    voice = Voice("en-us", 150)
    first = speaker.speak("Good morning.", voice)
    process = speaker._process
    assert process is not None
    process.kill()
    process.wait()
    assert speaker.speak("Good morning.", voice) == first
    speaker.close()


def test_a_voice_that_is_not_there_is_told_and_the_next_text_is_spoken() -> None:
    speaker = Speaker()
    with pytest.raises(NotSpoken, match="no voice"):
        speaker.speak("Good morning.", Voice("nobody", 150))
    with pytest.raises(NotSpoken):
        speaker.speak("half a character: \ud800", Voice("en-us", 150))
    assert speaker.speak("Good morning.", Voice("en-us", 150)).seconds > 0.5
    speaker.close()


def test_sentences_of_the_moment_are_gone_after_a_day(tmp_path: Path) -> None:
    moment = tmp_path / f"{spoken(tmp_path, 'Your order is packed.', 'en', moment=True)}.wav"
    lasting = tmp_path / f"{spoken(tmp_path, 'Good morning.', 'en')}.wav"
    with clock.frozen(clock.now() + timedelta(hours=23)):
        sweep(tmp_path)
    assert moment.exists()
    with clock.frozen(clock.now() + timedelta(hours=25)):
        sweep(tmp_path)
    assert not moment.exists()
    assert lasting.exists()


def test_utterances_become_names_of_sounds(tenant: Tenant, tmp_path: Path) -> None:
    names = Prompts(tmp_path).sounds(tenant.id, [ENGLISH, CHINESE])
    assert len(names) == 2
    for name in names:
        assert name.startswith("callcart/moment/")
        assert heard(tmp_path / f"{name.removeprefix('callcart/')}.wav") > 0.03


def test_what_cannot_be_spoken_is_left_out(tenant: Tenant, tmp_path: Path) -> None:
    assert len(Prompts(tmp_path).sounds(tenant.id, [Utterance("…", "en"), ENGLISH])) == 1


def test_a_shop_says_its_own_words_and_another_does_not_hear_them(
    tenant: Tenant, other_tenant: Tenant, tmp_path: Path
) -> None:
    closed = Utterance("We are closed.", "en", "closed")
    shipped = Prompts(tmp_path).sounds(tenant.id, [closed])
    replace.say_text(Actor.system(tenant.id), "closed", "en", "Gone fishing at {shop}.")
    own = Prompts(tmp_path).sounds(tenant.id, [closed])
    assert own != shipped
    assert own == [f"callcart/{spoken(tmp_path, 'Gone fishing at Harbor & Pine.', 'en')}"]
    with tenant_transaction(other_tenant.id):
        assert Prompts(tmp_path).sounds(other_tenant.id, [closed]) == shipped
    replace.say_shipped(Actor.system(tenant.id), "closed", "en")
    assert Prompts(tmp_path).sounds(tenant.id, [closed]) == shipped


def test_a_recording_is_played_and_falls_back_to_words_when_its_file_is_lost(
    tenant: Tenant, tmp_path: Path
) -> None:
    closed = Utterance("We are closed.", "en", "closed")
    actor = Actor.system(tenant.id)
    row = replace.say_recording(actor, "closed", "en", wav(hold_music()))
    (name,) = Prompts(tmp_path).sounds(tenant.id, [closed])
    assert name.startswith(f"callcart/shop/{tenant.id}/")
    played = tmp_path / f"{name.removeprefix('callcart/')}.wav"
    assert read_wav(played.read_bytes()).seconds == pytest.approx(row.duration_ms / 1000, abs=0.001)
    files.path(row.file_key).unlink()
    played.unlink()
    assert Prompts(tmp_path).sounds(tenant.id, [closed]) == [
        f"callcart/{spoken(tmp_path, closed.text, 'en')}"
    ]


@pytest.fixture
def alarms(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, str]]]:
    """What people who watch the floor have been told."""
    monkeypatch.setattr(missing, "_told", {})
    return lambda: list(
        Event.objects.filter(kind="voice.alarm").order_by("id").values_list("data", flat=True)
    )


def test_a_recording_that_is_lost_is_told_once_in_a_while_and_shown_in_the_office(
    tenant: Tenant,
    tmp_path: Path,
    alarms: Callable[[], list[dict[str, str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    actor, closed = Actor.system(tenant.id), Utterance("We are closed.", "en", "closed")
    row = replace.say_recording(actor, "closed", "en", wav(hold_music()))
    speech = Prompts(tmp_path)
    files.path(row.file_key).unlink()
    for _time in range(3):
        assert len(speech.sounds(tenant.id, [closed])) == 1, "the words are said instead"
    assert alarms() == [{"limit": "prompt", "key": "closed", "problem": "NotFound"}]
    shown = next(each for each in replace.list_prompts(actor) if each.key == "closed")
    assert {each.language: each.is_lost for each in shown.versions} == {"en": True, "zh-hans": False}
    real = missing.time.monotonic
    monkeypatch.setattr(missing.time, "monotonic", lambda: real() + missing.QUIET)
    speech.sounds(tenant.id, [closed])
    assert len(alarms()) == 2


@pytest.mark.parametrize(
    "problem", [NotSpoken("no voice"), OSError(errno.ENOSPC, "no space")], ids=["no voice", "full disk"]
)
def test_where_nothing_can_be_spoken_a_sentence_that_ships_is_heard_and_people_are_told(
    tenant: Tenant, tmp_path: Path, alarms: Callable[[], list[dict[str, str]]], monkeypatch: pytest.MonkeyPatch,
    problem: Exception,
) -> None:  # fmt: skip
    for name, _text in prompts.HOLD_ON.values():
        (tmp_path / f"{name}.wav").write_bytes(wav(hold_music()))

    def fail(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(prompts, "speak_to", fail)
    speech = Prompts(tmp_path)
    assert speech.sounds(tenant.id, [ENGLISH, ENGLISH]) == ["callcart/hold-on"]
    assert speech.sounds(tenant.id, [CHINESE]) == ["callcart/hold-on-zh"]
    assert [each["limit"] for each in alarms()] == ["prompt"]
    assert speech.sounds(tenant.id, [Utterance("", "en", TONE)]) == ["callcart/tone-1"], "made by ourselves"


def test_a_change_is_heard_within_seconds(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [1000.0]
    monkeypatch.setattr(prompts.time, "monotonic", lambda: at[0])
    speech, closed = Prompts(tmp_path), Utterance("We are closed.", "en", "closed")
    shipped = speech.sounds(tenant.id, [closed])
    replace.say_text(Actor.system(tenant.id), "closed", "en", "Gone fishing.")
    at[0] += 6
    assert speech.sounds(tenant.id, [closed]) != shipped
