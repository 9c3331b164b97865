"""Telephone PINs: who may set them, what they may be, and what they prove."""

from __future__ import annotations

from uuid import UUID

import pytest

from callcart.contact.voice.flow import CallFacts
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from callcart.engage.ivr import guesses
from callcart.engage.ivr.look_up import look_up
from callcart.engage.ivr.models import CallerPin
from callcart.engage.ivr.pins import is_right, pin_set, remove_pin, set_pin
from callcart.engage.ivr.walk import IDENTIFY
from callcart.people.customers.public import Customer, block_customer, create_customer

NUMBER = "+12125550142"


@pytest.fixture
def ada(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> Customer:
    """A customer with the PIN 48213; tries are not counted here."""
    monkeypatch.setattr(guesses, "may_guess", lambda *_: True)
    made = create_customer(boss, name="Ada Example", phone=NUMBER, language="en")
    set_pin(boss, made.id, "48213")
    return made


def prove(boss: Actor, pin: str, *, number: str = "", caller: str = NUMBER) -> dict[str, object] | None:
    facts = CallFacts(boss.tenant_id, UUID(int=1), "en", caller_e164=caller)
    found: dict[str, object] | None = look_up(facts, IDENTIFY, {"by": "pin", "number": number, "code": pin})
    return found


def test_a_pin_proves_who_calls(boss: Actor, ada: Customer) -> None:
    proven = prove(boss, "48213")
    assert proven is not None
    assert (proven["customer_id"], proven["known"]) == (str(ada.id), True)
    assert prove(boss, "48213", number=ada.number, caller="") == proven
    for wrong in ("48214", "", "4821", "482133"):
        assert prove(boss, wrong) is None
    assert prove(boss, "48213", number="99999", caller="") is None
    assert prove(boss, "48213", caller="") is None


def test_a_blocked_customer_and_one_without_a_pin_prove_nothing(boss: Actor, ada: Customer) -> None:
    bea = create_customer(boss, name="Bea Example", phone="+12125550143", language="en")
    assert prove(boss, "48213", caller="+12125550143") is None
    assert not is_right(bea.id, "48213")
    block_customer(boss, ada.id, reason="fraud")
    assert prove(boss, "48213", number=ada.number) is None


def test_tries_are_counted_first(boss: Actor, ada: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    monkeypatch.setattr(guesses, "may_guess", lambda _facts, guarded: counted.append(guarded))
    assert prove(boss, "48213") is None
    assert prove(boss, "48213", number="99999", caller="") is None
    assert counted == [str(ada.id), "customer 99999"]


@pytest.mark.parametrize("pin", ["", "123", "123456789", "1111", "1234", "9876", "8901", "12a4", "١٢٣٥"])
def test_what_is_no_pin_or_an_easy_one_is_refused(boss: Actor, ada: Customer, pin: str) -> None:
    before = CallerPin.objects.get().digest
    with pytest.raises(Invalid) as refused:
        set_pin(boss, ada.id, pin)
    assert set(refused.value.fields) == {"pin"}
    assert CallerPin.objects.get().digest == before


def test_it_is_kept_as_a_digest_and_audited_without_it(boss: Actor, ada: Customer) -> None:
    assert "48213" not in CallerPin.objects.get().digest
    entry = AuditEntry.objects.get(action="ivr.pins")
    assert (entry.subject_id, entry.after) == (ada.id, {"pin": "set"})
    set_pin(boss, ada.id, "90210")
    assert not is_right(ada.id, "48213") and is_right(ada.id, "90210")
    remove_pin(boss, ada.id)
    assert pin_set(boss, ada.id) is None
    with pytest.raises(NotFound):
        remove_pin(boss, ada.id)


def test_only_who_may(boss: Actor, ada: Customer) -> None:
    looks = Actor(boss.tenant_id, ActorKind.STAFF, id=new_id(), grants={"customers.view": Grant()})
    for deny in (
        lambda: set_pin(looks, ada.id, "90210"),
        lambda: remove_pin(looks, ada.id),
        lambda: pin_set(looks, ada.id),
    ):
        with pytest.raises(PermissionDenied):
            deny()
    assert is_right(ada.id, "48213")
