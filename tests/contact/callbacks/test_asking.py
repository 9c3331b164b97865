"""Who may be promised a call: the guard is asked before, and nobody asks for too many."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcart.contact.callbacks import public as callbacks
from callcart.contact.callbacks.models import Callback
from callcart.contact.callbacks.states import TRANSITIONS, Outcome, Source, State, is_worth_it, outcome_of
from callcart.contact.conversations.public import open_conversation
from callcart.contact.routing import public as routing
from callcart.core import clock
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry, Event
from callcart.people.tenants import directory
from callcart.people.tenants.models import Tenant
from callcart.people.tenants.public import add_service_number, update_tenant

NUMBER = "+12125550777"


@pytest.fixture
def system(tenant: Tenant) -> Actor:
    actor = Actor.system(tenant.id)
    queue = routing.add_queue(actor, "sales", name="Sales")
    add_service_number(actor, "+12025550100", name="Service", queue_id=queue.id)
    update_tenant(actor, settings={"dial_prefixes": ["+1212", "+1202"]})
    callbacks.save_rules(actor, queue.id, callbacks.Rules(offered=True, per_day=2))
    directory.forget()
    return actor


def queue_id() -> object:
    return next(each.id for each in routing.queues() if each.code == "sales")


def ask(actor: Actor, number: str = NUMBER, *, of: str = "+12125550999", **wanted: object) -> callbacks.Asked:
    plain = {"queue_id": queue_id(), "asked_from": of, **wanted}
    return callbacks.ask(actor, callbacks.Wanted(number, **plain))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("+990012345678", callbacks.Why.NUMBER), ("not a number", callbacks.Why.NUMBER), ("", callbacks.Why.NUMBER),
        ("9" * 5000, callbacks.Why.NUMBER), ("+447700900123", callbacks.Why.FORBIDDEN), ("+12025550100", callbacks.Why.FORBIDDEN),
    ],
)  # fmt: skip
def test_a_number_that_may_not_be_called_is_refused_in_words(
    system: Actor, number: str, why: callbacks.Why
) -> None:
    talk = open_conversation(system)
    refused = ask(system, number, conversation_id=talk.id)
    assert (refused.callback, refused.refused) == (None, why) and refused.words
    assert not Callback.objects.exists()
    seen = AuditEntry.objects.filter(action="voice.dial_refused").exists()
    assert seen is (why is callbacks.Why.FORBIDDEN), "and whoever watches for fraud sees it"
    assert Event.objects.filter(kind="voice.alarm").exists() is seen


def test_a_number_is_promised_so_often_a_day_and_so_are_many_by_one(system: Actor) -> None:
    for number in (NUMBER, "+12125550778"):
        assert ask(system, number).callback is not None
    assert ask(system, "+12125550779").refused is callbacks.Why.OFTEN, "many numbers by one who asks"
    Callback.objects.update(state=State.DONE, ended_at=clock.now(), number=NUMBER, asked_from="x")
    assert ask(system, of="y").refused is callbacks.Why.OFTEN, "one number, whoever asks"
    with clock.frozen(clock.now() + timedelta(days=1, minutes=1)):
        assert ask(system, of="y").callback is not None


def test_hidden_callers_are_counted_together(system: Actor) -> None:
    """Whoever hides his number could else have any number of others called."""
    for place in range(10):
        assert ask(system, f"+121255507{place:02}", of="").callback is not None
    assert ask(system, "+12125550799", of="").refused is callbacks.Why.OFTEN
    assert ask(system, "+12125550799").callback is not None


def test_who_asks_again_has_the_one_he_has(system: Actor) -> None:
    first, second = ask(system).callback, ask(system, "(212) 555-0777", note="after six").callback
    assert first is not None and second is not None and first.id == second.id
    assert Callback.objects.get().note == "after six"


def test_a_queue_that_offers_none_makes_none(system: Actor) -> None:
    callbacks.save_rules(system, queue_id(), callbacks.Rules())  # type: ignore[arg-type]
    assert ask(system).refused is callbacks.Why.OFF and not Callback.objects.exists()


def test_an_agents_word_is_kept_once_and_within_reason(system: Actor) -> None:
    ben = Actor(system.tenant_id, ActorKind.STAFF, new_id(), grants={"callbacks.work": Grant()})
    at = clock.now() + timedelta(hours=3)
    first = callbacks.promise(ben, NUMBER, at=at)
    later = callbacks.promise(ben, NUMBER, at=at + timedelta(hours=1), note="the invoice")
    assert first.id == later.id and (later.owner_id, later.source) == (ben.id, Source.PERSONAL)
    assert Callback.objects.get().due_at == at + timedelta(hours=1)
    for wrong in (clock.now() - timedelta(hours=1), clock.now() + timedelta(days=400)):
        with pytest.raises(Invalid) as refused:
            callbacks.promise(ben, "+447700900123", at=wrong)
        assert set(refused.value.fields) == {"at", "number"}
    assert Callback.objects.count() == 1
    with pytest.raises(PermissionDenied):
        callbacks.promise(Actor(system.tenant_id, ActorKind.STAFF, new_id()), NUMBER, at=at)


def test_rules_are_checked_all_at_once_and_kept_with_who_changed_them(system: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        callbacks.save_rules(
            system, queue_id(), callbacks.Rules(attempts=0, per_day=99, abandoned_s=-1)  # type: ignore[arg-type]
        )  # fmt: skip
    assert set(refused.value.fields) == {"attempts", "per_day", "abandoned_s"}
    with pytest.raises(Conflict):
        callbacks.save_rules(system, queue_id(), callbacks.Rules(), version=0)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        callbacks.save_rules(system, new_id(), callbacks.Rules())
    with pytest.raises(PermissionDenied):
        nobody = Actor(system.tenant_id, ActorKind.STAFF, new_id(), grants={"callbacks.work": Grant()})
        callbacks.save_rules(nobody, queue_id(), callbacks.Rules())  # type: ignore[arg-type]
    assert callbacks.rules_of(queue_id()).per_day == 2  # type: ignore[arg-type]
    assert AuditEntry.objects.filter(action="callbacks.rules").count() == 1


def test_what_is_over_stays_over_and_every_state_has_a_way_to_its_end() -> None:
    over = {state for state, after in TRANSITIONS.items() if not after}
    assert over == {State.DONE, State.NOT_REACHED, State.CAME, State.WITHDRAWN}
    assert all(over & after for after in TRANSITIONS.values() if after)


def test_what_an_attempt_came_to() -> None:
    at = clock.now()
    assert outcome_of(None, None, "") is Outcome.GOING and outcome_of(None, at, "") is Outcome.GOING
    assert outcome_of(at, at, "completed") is Outcome.REACHED
    assert outcome_of(at, None, "not_reached") is Outcome.MISSED
    assert outcome_of(at, None, "abandoned") is Outcome.MISSED, "answered us, and left before anybody came"
    assert {outcome_of(at, None, each) for each in ("telephony_lost", "withdrawn", "failed")} == {
        Outcome.LOST
    }


def test_which_calls_are_worth_one() -> None:
    second = timedelta(seconds=1)
    assert is_worth_it("abandoned", 5 * second, 5, missed=False) is Source.ABANDONED
    assert is_worth_it("abandoned", 4.9 * second, 5, missed=True) is None
    assert is_worth_it("rejected", 0 * second, None, missed=True) is Source.MISSED
    assert is_worth_it("callback", 60 * second, 5, missed=True) is None
