"""A shop's own prompts: what is kept, what is refused with nothing changed, and who did it."""

from __future__ import annotations

import errno
import os

import pytest

from callcart.contact.voice import replace
from callcart.contact.voice.models import TenantPrompt
from callcart.contact.voice.speech.sound import read_wav, wav
from callcart.core import files
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.models import AuditEntry
from callcart.people.tenants.models import Tenant
from callcart.people.tenants.public import add_service_number
from tests.contact.voice.test_sound import file, tone


@pytest.fixture
def actor(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id, "Robin")


def audited() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def test_a_recording_is_made_fit_for_the_telephone(actor: Actor) -> None:
    frames = tone(500, rate=44100, seconds=1).samples.tobytes()
    row = replace.say_recording(actor, "greeting", "en", file(rate=44100, frames=frames))
    sound = read_wav(files.path(row.file_key).read_bytes())
    assert (sound.rate, row.duration_ms) == (8000, pytest.approx(1000, abs=2))
    assert row.changed_by == "Robin"
    assert audited() == ["voice.say_recording"]


@pytest.mark.parametrize(
    "data",
    [b"", b"no sound", wav(tone(500, seconds=61)), wav(tone(500, loud=0.001)), b"RIFF" + bytes(8_000_001)],
    ids=["nothing", "text", "too long", "silence", "too large"],
)
def test_a_recording_that_will_not_do_changes_nothing(actor: Actor, data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        replace.say_recording(actor, "greeting", "en", data)
    assert refused.value.fields.keys() == {"recording"}
    assert not TenantPrompt.objects.exists()
    assert audited() == []


def test_a_full_disk_keeps_what_is_heard_now(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    replace.say_text(actor, "closed", "en", "Gone fishing.")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(files.NoRoom):
        replace.say_recording(actor, "closed", "en", wav(tone(613)))
    (row,) = TenantPrompt.objects.all()
    assert (row.text, row.file_key, audited()) == ("Gone fishing.", "", ["voice.say_text"])


def test_words_replace_a_recording_and_the_shipped_ones_come_back(actor: Actor) -> None:
    replace.say_recording(actor, "closed", "en", wav(tone(500)))
    row = replace.say_text(actor, "closed", "en", "  Gone fishing.  ")
    assert (row.text, row.file_key, row.duration_ms) == ("Gone fishing.", "", 0)
    replace.say_shipped(actor, "closed", "en")
    replace.say_shipped(actor, "closed", "en")
    assert not TenantPrompt.objects.exists()
    assert audited() == ["voice.say_recording", "voice.say_text", "voice.say_shipped"]


def test_each_language_is_changed_by_itself(actor: Actor) -> None:
    replace.say_text(actor, "closed", "zh-hans", "今天休息。")
    (closed,) = [each for each in replace.list_prompts(actor) if each.key == "closed"]
    assert [(each.language, each.kind) for each in closed.versions] == [
        ("en", "shipped"),
        ("zh-hans", "text"),
    ]


@pytest.mark.parametrize(
    ("key", "language"), [("nope", "en"), ("closed", "fr"), ("greeting." + "0" * 32, "en")]
)
def test_what_does_not_exist_cannot_be_changed(actor: Actor, key: str, language: str) -> None:
    with pytest.raises(NotFound):
        replace.say_text(actor, key, language, "Hello")
    with pytest.raises(NotFound):
        replace.say_recording(actor, key, language, wav(tone(500)))
    assert not TenantPrompt.objects.exists()


@pytest.mark.parametrize("text", ["", "?!", "x" * 601, "a\x00b", "\ud800"])
def test_words_that_cannot_be_spoken_change_nothing(actor: Actor, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        replace.say_text(actor, "closed", "en", text)
    assert refused.value.fields.keys() == {"text"}
    assert not TenantPrompt.objects.exists()


def test_a_greeting_in_use_stays(actor: Actor) -> None:
    key = replace.add_greeting(actor, "Winter", texts={"en": "Winter sale!", "zh-hans": ""})
    assert replace.greetings(actor) == [(key, "Winter")]
    number = add_service_number(actor, "+12025550100", name="Sales", greeting=key)
    with pytest.raises(replace.GreetingInUse):
        replace.remove_greeting(actor, key)
    number.delete()
    replace.remove_greeting(actor, key)
    assert replace.greetings(actor) == []


def test_a_greeting_needs_a_name_and_words(actor: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        replace.add_greeting(actor, " ", texts={})
    assert refused.value.fields.keys() == {"title", "text_en"}


def test_a_greeting_says_a_second_language_later_under_its_name(actor: Actor) -> None:
    key = replace.add_greeting(actor, "Winter", texts={"en": "Winter sale!"})
    row = replace.say_text(actor, key, "zh-hans", "冬季大促！")
    assert row.title == "Winter"
    assert len([each for each in replace.list_prompts(actor) if each.is_own]) == 1


def test_who_may_not_change_prompts_changes_nothing(tenant: Tenant) -> None:
    actor = Actor(tenant.id, ActorKind.STAFF, name="Pat", grants={"voice.phone": Grant()})
    for verb in (
        lambda: replace.say_text(actor, "closed", "en", "Hello"),
        lambda: replace.say_recording(actor, "closed", "en", wav(tone(500))),
        lambda: replace.say_shipped(actor, "closed", "en"),
        lambda: replace.add_greeting(actor, "Winter", texts={"en": "Hi"}),
        lambda: replace.remove_greeting(actor, "greeting." + "0" * 32),
        lambda: replace.prompt_sound(actor, "closed", "en"),
        lambda: replace.list_prompts(actor),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    assert not TenantPrompt.objects.exists()
