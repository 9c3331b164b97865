"""Takes in the database and on the disk: who may be rung and where, what becomes a prompt, and that nobody else's is touched."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from callcart.contact.voice import outbound
from callcart.contact.voice.models import Exchange, OutboundCall, PromptTake, TenantPrompt
from callcart.contact.voice.speech.sound import Sound, read_wav, wav
from callcart.contact.voice.studio import rows, takes
from callcart.contact.voice.studio.book import Listened, TakeRow
from callcart.contact.voice.studio.states import TakeState, Why
from callcart.core import files
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry, Event
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.public import (
    actor_of,
    create_staff,
    deactivate_staff,
    ensure_default_roles,
    get_staff,
    set_roles,
)
from callcart.people.tenants import directory
from callcart.people.tenants.models import Tenant
from callcart.people.tenants.public import add_service_number, update_tenant
from tests.contact.voice.test_sound import strength, tone

HOME = "+12025550100"
DESK = "+12125550142"


@pytest.fixture
def owner(tenant: Tenant) -> Actor:
    return make_owner(tenant)


def make_owner(tenant: Tenant) -> Actor:
    system = Actor.system(tenant.id)
    staff = create_staff(
        system, email="robin@harbor.example", name="Robin", language="en", password="a long enough sentence",
        role_ids=[ensure_default_roles()["owner"].id],
    )  # fmt: skip
    add_service_number(system, HOME, name="Customer service")
    update_tenant(system, settings={"dial_prefixes": ["+1"]})
    directory.forget()
    Exchange.objects.get_or_create(name="main", defaults={"up": True})
    return actor_of(get_staff(staff.id))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the engine writes; what it plays goes beside."""
    monkeypatch.setattr(settings, "CALLCART_RECORDINGS", str(tmp_path))
    monkeypatch.setattr(rows, "prompts_folder", lambda: tmp_path / "prompts")
    return tmp_path


def spoken(owner: Actor, folder: Path, *, seconds: float = 2.0, loud: float = 0.3) -> TakeRow:
    """Somebody has begun a take and said something, with a second of silence before and after it."""
    take = PromptTake.objects.get(id=takes.begin(owner, "closed", "en"))
    row = TakeRow(take.id, owner.tenant_id, take.staff_id, take.spoken, shown=take.shown)
    row = replace(row, state=TakeState.SPEAKING, round=1)
    assert rows.note(row)
    quiet, said = tone(440, seconds=1, loud=0.0), tone(440, seconds=seconds, loud=loud)
    data = wav(Sound(quiet.samples + said.samples + quiet.samples, said.rate))
    (folder / f"{row.file_name}.wav").write_bytes(data)
    return row


def heard(row: TakeRow) -> TakeRow:
    assert rows.listen(row).problem is None
    row = replace(row, state=TakeState.HEARD)
    assert rows.note(row)
    return row


def kept(row: TakeRow) -> PromptTake:
    return PromptTake.objects.get(id=row.id)


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("take-*.wav")]


def told() -> list[str]:
    return [each.data["state"] for each in Event.objects.filter(kind="prompt.take").order_by("id")]


def test_what_was_said_is_the_prompt_trimmed_and_in_the_name_of_who_said_it(
    owner: Actor, folder: Path
) -> None:
    row = spoken(owner, folder)
    found = rows.listen(row)
    assert found.sound == f"callcart/moment/take/{row.file_name}" and found.seconds == pytest.approx(
        2.1, abs=0.05
    )
    row = heard(row)
    assert rows.keep(row) is None
    prompt = TenantPrompt.objects.get()
    assert (prompt.key, prompt.language, prompt.changed_by) == ("closed", "en", "Robin")
    sound = read_wav(files.path(prompt.file_key).read_bytes())
    assert sound.rate == 8000 and sound.seconds == pytest.approx(2.1, abs=0.05)
    assert strength(sound, 440) > 0.1
    assert (kept(row).state, kept(row).why) == ("kept", "") and kept(row).ended_at is not None
    assert left(folder) == [], "nothing stays in the folders of the engine"
    assert told() == ["speaking", "heard", "kept"]
    entry = AuditEntry.objects.get(action="voice.say_recording")
    assert (entry.actor_id, entry.channel) == (owner.id, "telephone")
    assert AuditEntry.objects.get(action="voice.record_prompt").after == {
        "key": "closed",
        "language": "en",
        "by": "page",
    }


def test_kept_twice_it_is_kept_once(owner: Actor, folder: Path) -> None:
    row = heard(spoken(owner, folder))
    assert (rows.keep(row), rows.keep(row)) == (None, None)
    assert AuditEntry.objects.filter(action="voice.say_recording").count() == 1
    assert not rows.end(owner.tenant_id, row.id, TakeState.OVER, Why.HUNG_UP)
    assert kept(row).state == "kept"


@pytest.mark.parametrize(
    ("seconds", "loud"), [(2.0, 0.0), (2.0, 0.005), (0.1, 0.5)], ids=["silence", "noise", "a click"]
)
def test_silence_is_no_prompt(owner: Actor, folder: Path, seconds: float, loud: float) -> None:
    assert rows.listen(spoken(owner, folder, seconds=seconds, loud=loud)) == Listened(problem=Why.SILENT)


@pytest.mark.parametrize("data", [b"", b"RIFF"], ids=["empty", "cut"])
def test_a_file_that_holds_nothing_is_silence_and_one_that_is_lost_a_fault(
    owner: Actor, folder: Path, data: bytes
) -> None:
    row = spoken(owner, folder)
    (folder / f"{row.file_name}.wav").write_bytes(data)
    assert rows.listen(row).problem is Why.SILENT
    (folder / f"{row.file_name}.wav").unlink()
    assert rows.listen(row).problem is Why.NOT_WRITTEN


def test_a_full_disk_keeps_the_prompt_there_was(
    owner: Actor, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = spoken(owner, folder)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(rows, "write_file", full)
        assert rows.listen(row).problem is Why.DISK_FULL
    row = heard(row)
    monkeypatch.setattr(files, "put", full)
    assert rows.keep(row) is Why.DISK_FULL
    assert not TenantPrompt.objects.exists() and kept(row).ended_at is None


def test_who_may_not_any_more_keeps_nothing(owner: Actor, folder: Path) -> None:
    system = Actor.system(owner.tenant_id)
    row = heard(spoken(owner, folder))
    assert owner.id is not None
    create_staff(
        system, email="other@harbor.example", name="Other", language="en", password="a long enough sentence",
        role_ids=[ensure_default_roles()["owner"].id],
    )  # fmt: skip
    set_roles(system, owner.id, [ensure_default_roles()["agent"].id])
    assert rows.keep(row) is Why.NOT_ALLOWED
    deactivate_staff(system, owner.id)
    assert rows.keep(row) is Why.NOT_ALLOWED
    assert not TenantPrompt.objects.exists()


def test_withdrawn_before_the_key_nothing_is_kept(owner: Actor, folder: Path) -> None:
    row = heard(spoken(owner, folder))
    takes.withdraw(owner, row.id)
    assert rows.keep(row) is Why.WITHDRAWN and not rows.note(row)
    assert not TenantPrompt.objects.exists()
    assert Event.objects.filter(kind="take.withdrawn").count() == 1
    takes.withdraw(owner, row.id)
    assert Event.objects.filter(kind="take.withdrawn").count() == 1
    rows.forget(row)
    assert left(folder) == []


def test_the_next_take_ends_the_one_before(owner: Actor) -> None:
    first = takes.begin(owner, "closed", "en")
    second = takes.begin(owner, "greeting", "zh-hans")
    assert [PromptTake.objects.get(id=each).why for each in (first, second)] == ["withdrawn", ""]
    assert takes.of_prompt(owner, "closed") is None
    shown = takes.of_prompt(owner, "greeting")
    assert shown is not None and (shown.id, shown.language, shown.is_over) == (second, "zh-hans", False)


def test_a_number_passes_the_guard_and_is_forgotten_afterwards(owner: Actor) -> None:
    take_id = takes.begin(owner, "closed", "en", number="(212) 555-0142")
    take = PromptTake.objects.get(id=take_id)
    assert (take.number, take.shown, take.longest) == (DESK, HOME, 900)
    counted = OutboundCall.objects.get()
    assert (counted.conversation_id, counted.number, counted.staff_id, counted.ended_at) == (
        take_id,
        DESK,
        owner.id,
        None,
    )
    rows.note(TakeRow(take_id, owner.tenant_id, take.staff_id, "en", state=TakeState.TOLD))
    rows.end(owner.tenant_id, take_id, TakeState.OVER, Why.HUNG_UP)
    counted.refresh_from_db()
    assert counted.answered_at is not None and counted.ended_at is not None
    assert PromptTake.objects.get().number == ""


def test_asked_twice_in_the_same_moment_one_is_rung(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    first = takes.begin(owner, "closed", "en")
    monkeypatch.setattr(takes, "_own", lambda _actor: PromptTake.objects.none())  # not seen yet
    with pytest.raises(takes.AnotherTake):
        takes.begin(owner, "closed", "en", number=DESK)
    assert PromptTake.objects.get().id == first
    assert OutboundCall.objects.get().ended_at is not None, "what is not dialled is not counted for ever"


@pytest.mark.parametrize(
    ("number", "refusal"),
    [("+447700900123", outbound.DialRefused), (HOME, outbound.DialRefused), ("soon", Invalid)],
)
def test_a_number_that_may_not_be_called_rings_nowhere(
    owner: Actor, number: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        takes.begin(owner, "closed", "en", number=number)
    assert not PromptTake.objects.exists() and not OutboundCall.objects.exists()
    assert not Event.objects.filter(kind="take.wanted").exists()


@pytest.mark.parametrize(
    ("grants", "number"),
    [
        ({"voice.phone", "voice.dial_out"}, None),
        ({"voice.manage"}, None),
        ({"voice.manage", "voice.phone"}, DESK),
    ],
    ids=["no prompts", "no phone", "no calls outside"],
)
def test_who_may_not_is_not_rung(owner: Actor, grants: set[str], number: str | None) -> None:
    other = Actor(owner.tenant_id, ActorKind.STAFF, owner.id, grants={each: Grant() for each in grants})
    with pytest.raises(PermissionDenied):
        takes.begin(other, "closed", "en", number=number)
    assert not PromptTake.objects.exists() and not OutboundCall.objects.exists()


def test_no_such_prompt_and_no_telephones(owner: Actor) -> None:
    for key, language in (("nothing", "en"), ("closed", "fr")):
        with pytest.raises(NotFound):
            takes.begin(owner, key, language)
    Exchange.objects.update(up=False)
    with pytest.raises(takes.NoTelephones):
        takes.begin(owner, "closed", "en", number=DESK)
    assert not PromptTake.objects.exists() and not OutboundCall.objects.exists()


def test_another_shop_and_another_person_find_no_take(owner: Actor, other_tenant: Tenant) -> None:
    take_id = takes.begin(owner, "closed", "en")
    everything = {each: Grant() for each in ("voice.manage", "voice.phone")}
    colleague = Actor(owner.tenant_id, ActorKind.STAFF, new_id(), grants=everything)
    with pytest.raises(NotFound):
        takes.withdraw(colleague, take_id)
    assert takes.of_prompt(colleague, "closed") is None
    with tenant_transaction(other_tenant.id):
        stranger = Actor(other_tenant.id, ActorKind.STAFF, owner.id, grants=everything)
        with pytest.raises(NotFound):
            takes.withdraw(stranger, take_id)
        assert takes.of_prompt(stranger, "closed") is None
        assert not rows.end(other_tenant.id, take_id, TakeState.OVER, Why.WITHDRAWN)
        with pytest.raises(PromptTake.DoesNotExist):
            rows.keep(TakeRow(take_id, other_tenant.id, owner.id or new_id(), "en"))
    assert PromptTake.objects.get().ended_at is None


def test_a_process_that_starts_again_finds_what_is_its_own(fresh_db: str) -> None:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        owner = make_owner(tenant)
    take_id = takes.begin(owner, "closed", "en")
    (row,) = rows.live("main")
    assert (row.id, row.tenant_id, row.staff_id, row.state) == (
        take_id,
        tenant.id,
        owner.id,
        TakeState.RINGING,
    )
    assert (
        rows.find(take_id, "main") == row and rows.find(take_id, "other") is None and rows.live("other") == []
    )
    assert rows.account(row) == ""
    rows.end(tenant.id, take_id, TakeState.OVER, Why.LOST)
    assert rows.live("main") == [] and rows.find(take_id, "main") is None
