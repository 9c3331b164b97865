"""Whatever comes in whatever order, however often: the sums add up and the state is what the sums say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcart.commerce.payments import ledger
from callcart.commerce.payments.gateway import EventKind, GatewayEvent, key_of
from callcart.commerce.payments.intent import cancel_payment, create_intent
from callcart.commerce.payments.models import (
    Attempt,
    AttemptState,
    Payment,
    PaymentMethod,
    PaymentState,
    ProviderEvent,
    Refund,
)
from callcart.commerce.payments.states import derive_state, excess, refundable
from callcart.commerce.payments.webhook import apply_event
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.ids import new_id
from callcart.core.money import Money
from callcart.people.tenants.models import Tenant

amounts = st.integers(0, 10**9)


@given(amounts, amounts, st.booleans(), st.booleans(), st.sampled_from(["prepaid", "instalments", "cod"]))
def test_a_state_says_what_the_sums_say(
    owed: int, captured: int, collected: bool, cancelled: bool, method: str
) -> None:
    state = derive_state(
        method=method, owed=owed, captured=captured, collected=collected, cancelled=cancelled
    )
    assert (state == PaymentState.CANCELLED) == cancelled
    if cancelled:
        return
    if method == "cod":
        assert (state == PaymentState.REMITTED) == (0 < captured >= owed)
        assert (state == PaymentState.DUE_ON_DELIVERY) == (not 0 < captured >= owed and not collected)
    else:
        assert (state == PaymentState.PAID) == (captured >= owed)
        assert (state == PaymentState.DUE) == (captured == 0 < owed)


@given(amounts, amounts, amounts, st.booleans())
def test_what_is_held_and_what_is_owed(owed: int, captured: int, gone: int, cancelled: bool) -> None:
    back = excess(owed=owed, captured=captured, spoken_for=gone, cancelled=cancelled)
    assert 0 <= back <= refundable(captured, gone)
    assert excess(owed=owed, captured=captured, spoken_for=gone + back, cancelled=cancelled) == 0
    if cancelled:
        assert back == refundable(captured, gone)


@dataclass(frozen=True)
class Told:
    """Something that happens to the payment: a message about an attempt by its place, or the order's cancelling."""

    attempt: int = -1
    kind: EventKind = EventKind.CAPTURED
    minor: int = 0


@st.composite
def stories(draw: st.DrawFn) -> tuple[int, int, list[Told], list[Told]]:
    """What is owed, how many attempts, and the same facts told in two orders with repeats."""
    owed = draw(st.integers(1, 10_000))
    count = draw(st.integers(1, 3))
    facts: list[Told] = []
    for attempt in range(count):
        for kind in draw(st.lists(st.sampled_from([EventKind.DECLINED, EventKind.EXPIRED]), unique=True)):
            facts.append(Told(attempt, kind, owed))
        if draw(st.booleans()):
            minor = draw(st.one_of(st.just(owed), st.integers(1, 20_000)))
            facts.append(Told(attempt, EventKind.CAPTURED, minor))
    if draw(st.booleans()):
        facts.append(Told())
    repeats = st.lists(st.sampled_from(facts), max_size=4) if facts else st.just([])
    return (
        owed,
        count,
        draw(st.permutations(facts + draw(repeats))),
        draw(st.permutations(facts + draw(repeats))),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories())
def test_any_order_of_any_messages_ends_the_same(
    tenant: Tenant, story: tuple[int, int, list[Told], list[Told]]
) -> None:
    owed, count, first, second = story
    ends = [_undone(lambda told=told: _live(tenant.id, owed, count, told)) for told in (first, second)]  # type: ignore[misc]
    assert ends[0] == ends[1]
    state, captured, given_back, attempts, _ = ends[0]
    takings = {each.attempt: each.minor for each in first if each.kind is EventKind.CAPTURED and each.minor}
    cancelled = Told() in first
    assert captured == sum(takings.values())
    assert {place for place, each in enumerate(attempts) if each == AttemptState.CAPTURED} == set(takings)
    assert captured - given_back == (0 if cancelled else min(captured, owed))
    assert state == derive_state(
        method="prepaid", owed=owed, captured=captured, collected=False, cancelled=cancelled
    )


End = tuple[str, int, int, list[str], int]


def _live(tenant_id: int, owed: int, count: int, told: list[Told]) -> End:
    actor, order_id = Actor.system(tenant_id, "test"), new_id()
    payment = create_intent(
        actor, order_id=order_id, order_number="1", method=PaymentMethod.PREPAID, amount=Money(owed, "USD")
    )
    attempts = [
        Attempt.objects.create(
            payment=payment,
            provider="fake",
            amount_minor=owed,
            currency="USD",
            made_at=now() + timedelta(seconds=n),
        )
        for n in range(count)
    ]
    for each in told:
        if each == Told():
            cancel_payment(actor, order_id)
            continue
        attempt = attempts[each.attempt]
        apply_event("fake", _event(tenant_id, attempt, each))
        held = Payment.objects.get(id=payment.id)
        assert (
            refundable(held.captured_minor, ledger.spoken_for(held)) + ledger.spoken_for(held)
            == held.captured_minor
        )
    held = Payment.objects.get(id=payment.id)
    back = sum(row.amount_minor for row in Refund.objects.filter(payment=payment))
    states = [
        row.state if row.state == AttemptState.CAPTURED else ""
        for row in Attempt.objects.filter(payment=payment).order_by("id")
    ]
    known = ProviderEvent.objects.filter(attempt__payment=payment).count()
    return held.state, held.captured_minor, back, states, known


def _event(tenant_id: int, attempt: Attempt, told: Told) -> GatewayEvent:
    return GatewayEvent(
        event_id=f"{attempt.id}-{told.kind}",
        kind=told.kind,
        reference=f"ref-{attempt.id}",
        key=key_of(tenant_id, attempt.id),
        amount=Money(told.minor, "USD"),
    )


def _undone(work: Callable[[], End]) -> End:
    """Do it, and leave nothing behind."""
    with transaction.atomic():
        end = work()
        transaction.set_rollback(True)
    return end
