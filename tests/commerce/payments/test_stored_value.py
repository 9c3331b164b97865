"""Gift cards and store credit: issued, spent, given back, never below zero and never twice."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from callcart.commerce.payments import stored_value as stored
from callcart.commerce.payments.codes import ALPHABET, grouped, new_code, read_code
from callcart.commerce.payments.intent import cancel_payment, create_intent
from callcart.commerce.payments.models import (
    Payment,
    PaymentMethod,
    PaymentState,
    Receipt,
    ReceiptMethod,
    Refund,
    RefundState,
    RefundWay,
    StoredAccount,
    StoredEntry,
)
from callcart.commerce.payments.refund import request_refund
from callcart.commerce.payments.stored_jobs import expire_cards_of_shop
from callcart.commerce.payments.stored_queries import credit_of_customer, list_cards
from callcart.core import clock
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from callcart.core.idempotency import KeyReused
from callcart.core.ids import new_id
from callcart.core.integrity import find_in
from callcart.core.models import AuditEntry
from callcart.core.money import Money
from callcart.core.tenancy import tenant_transaction
from callcart.people.approvals.public import NeedsApproval
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import at_once

CUSTOMER = UUID("01990000-0000-7000-8000-00000000c057")


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def boss(tenant_id: int) -> Actor:
    return Actor.system(tenant_id, "test")


def staff(tenant_id: int, **grants: Grant) -> Actor:
    held = {name.replace("__", "."): grant for name, grant in grants.items()}
    return Actor(tenant_id, ActorKind.STAFF, id=new_id(), name="Sam Staff", grants=held)


def owe(
    tenant_id: int, minor: int, *, customer_id: UUID | None = CUSTOMER, method: PaymentMethod = PaymentMethod.PREPAID,
) -> UUID:  # fmt: skip
    order_id = new_id()
    create_intent(
        boss(tenant_id), order_id=order_id, order_number=f"N{order_id.hex[-8:]}", method=method, amount=usd(minor),
        customer_id=customer_id,
    )  # fmt: skip
    return order_id


def card(tenant_id: int, minor: int, **more: Any) -> stored.IssuedCard:
    return stored.issue_card(boss(tenant_id), amount=usd(minor), idempotency_key=str(new_id()), **more)


def balance(account_id: UUID) -> int:
    return StoredAccount.objects.get(id=account_id).balance_minor


def spend(tenant_id: int, account_id: UUID, order_id: UUID, **more: Any) -> Receipt:
    key = more.pop("key", str(new_id()))
    actor = more.pop("actor", boss(tenant_id))
    return stored.spend(actor, account_id, order_id=order_id, idempotency_key=key, **more)


def sound() -> None:
    assert find_in("payments") == []


def test_codes_find_typing_errors() -> None:
    code = new_code()
    assert read_code(grouped(code).lower()) == code
    assert read_code(f"  {code[:8]} {code[8:]} ") == code
    for place in range(16):
        other = ALPHABET[(ALPHABET.index(code[place]) + 1) % 31]
        assert read_code(code[:place] + other + code[place + 1 :]) == ""
    for place in range(15):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert swapped == code or read_code(swapped) == ""
    for odd in ("", "0" * 16, code[:-1], code + "A", "‮" * 16, "é" * 16, "x" * 5000):
        assert read_code(odd) == ""


def test_a_card_pays_in_part_and_the_rest_stays_owed(tenant: Tenant) -> None:
    made, order = card(tenant.id, 3000), owe(tenant.id, 5000)
    receipt = spend(tenant.id, made.account.id, order)
    assert (receipt.amount_minor, receipt.method) == (3000, ReceiptMethod.GIFT_CARD)
    assert receipt.reference == f"•••• {made.code[-4:]}"
    payment = Payment.objects.get(order_id=order)
    assert (payment.state, payment.captured_minor) == (PaymentState.PART_PAID, 3000)
    assert balance(made.account.id) == 0
    with pytest.raises(stored.NothingLeft):
        spend(tenant.id, made.account.id, order)
    sound()


def test_a_card_gives_no_more_than_is_owed(tenant: Tenant) -> None:
    made, order = card(tenant.id, 9000), owe(tenant.id, 5000)
    assert spend(tenant.id, made.account.id, order, key="k").amount_minor == 5000
    assert spend(tenant.id, made.account.id, order, key="k").amount_minor == 5000  # pressed twice
    assert balance(made.account.id) == 4000
    assert Payment.objects.get(order_id=order).state == PaymentState.PAID
    with pytest.raises(stored.NotOwed):
        spend(tenant.id, made.account.id, order)
    assert Receipt.objects.filter(order_id=order).count() == 1
    sound()


def test_the_code_is_shown_once_and_stored_nowhere(tenant: Tenant) -> None:
    actor = boss(tenant.id)
    first = stored.issue_card(actor, amount=usd(100), idempotency_key="k")
    again = stored.issue_card(actor, amount=usd(100), idempotency_key="k")
    assert first.code and not again.code
    assert first.account.id == again.account.id
    with pytest.raises(KeyReused):
        stored.issue_card(actor, amount=usd(100), idempotency_key="k", customer_id=new_id())
    row = StoredAccount.objects.get(id=first.account.id)
    kept = " ".join(str(getattr(row, field.name)) for field in row._meta.fields)
    kept += " ".join(str(each.after) for each in AuditEntry.objects.filter(subject_id=row.id))
    assert first.code not in kept
    assert row.code_digest is not None and len(row.code_digest) == 64


def test_a_card_is_found_by_its_code_and_tries_are_counted(tenant: Tenant) -> None:
    made = card(tenant.id, 100)
    assert stored.find_card(grouped(made.code), address="10.9.0.1").id == made.account.id
    with pytest.raises(stored.CardUnknown):
        stored.find_card("nonsense", address="10.9.0.2")
    for _ in range(stored.TRIES):
        with pytest.raises(stored.CardUnknown):
            stored.find_card(new_code(), address="10.9.0.2")
    with pytest.raises(stored.CardTriedTooOften):
        stored.find_card(made.code, address="10.9.0.2")
    assert stored.find_card(made.code, address="10.9.0.3").id == made.account.id


def test_another_shop_does_not_know_the_code(tenant: Tenant, other_tenant: Tenant) -> None:
    made = card(tenant.id, 100)
    with tenant_transaction(other_tenant.id), pytest.raises(stored.CardUnknown):
        stored.find_card(made.code, address="10.9.0.4")
    with tenant_transaction(other_tenant.id), pytest.raises(NotFound):
        stored.locked(made.account.id)


def test_cards_that_do_not_pay(tenant: Tenant) -> None:
    order = owe(tenant.id, 5000)
    blocked, old = (
        card(tenant.id, 100),
        card(tenant.id, 100, expires_on=clock.now().date() + timedelta(days=2)),
    )
    stored.block(boss(tenant.id), blocked.account.id, reason="stolen")
    with pytest.raises(stored.CardBlocked):
        spend(tenant.id, blocked.account.id, order)
    stored.unblock(boss(tenant.id), blocked.account.id)
    with clock.frozen(clock.now() + timedelta(days=5)), pytest.raises(stored.CardExpired):
        spend(tenant.id, old.account.id, order)
    euros = stored.issue_card(boss(tenant.id), amount=Money(100, "EUR"), idempotency_key="e")
    with pytest.raises(stored.OtherCurrency):
        spend(tenant.id, euros.account.id, order)
    with pytest.raises(stored.LessThanShown):
        spend(tenant.id, blocked.account.id, order, shown=usd(101))
    assert Payment.objects.get(order_id=order).captured_minor == 0
    assert spend(tenant.id, blocked.account.id, order, shown=usd(100)).amount_minor == 100
    sound()


def test_what_is_left_after_the_last_day_is_written_off_once(tenant: Tenant) -> None:
    made = card(tenant.id, 700, expires_on=clock.now().date() + timedelta(days=2))
    expire_cards_of_shop()
    assert balance(made.account.id) == 700
    with clock.frozen(clock.now() + timedelta(days=5)):
        expire_cards_of_shop()
        expire_cards_of_shop()
    assert balance(made.account.id) == 0
    assert [row.amount_minor for row in StoredEntry.objects.filter(account=made.account).order_by("id")] == [
        700,
        -700,
    ]
    sound()


def test_a_refund_goes_back_to_the_card_newest_money_first(tenant: Tenant) -> None:
    first, second = card(tenant.id, 3000), card(tenant.id, 9000)
    order = owe(tenant.id, 5000)
    spend(tenant.id, first.account.id, order)
    spend(tenant.id, second.account.id, order)
    rows = request_refund(boss(tenant.id), order, amount=usd(2500), reason="broken", idempotency_key="r")
    assert sorted((row.amount_minor, row.way, row.state) for row in rows) == [
        (500, RefundWay.GIFT_CARD, RefundState.DONE), (2000, RefundWay.GIFT_CARD, RefundState.DONE)
    ]  # fmt: skip
    assert (balance(first.account.id), balance(second.account.id)) == (500, 9000)
    request_refund(boss(tenant.id), order, amount=usd(2500), reason="broken", idempotency_key="r")
    assert (balance(first.account.id), balance(second.account.id)) == (500, 9000)
    sound()


def test_a_refund_keeps_a_card_alive_that_has_run_out(tenant: Tenant) -> None:
    made = card(tenant.id, 3000, expires_on=clock.now().date() + timedelta(days=2))
    order = owe(tenant.id, 3000)
    spend(tenant.id, made.account.id, order)
    with clock.frozen(clock.now() + timedelta(days=9)):
        request_refund(boss(tenant.id), order, amount=usd(3000), reason="late", idempotency_key="r")
        expire_cards_of_shop()
        assert spend(tenant.id, made.account.id, owe(tenant.id, 100)).amount_minor == 100
    sound()


def test_a_refund_to_store_credit_instead_of_the_way_paid(tenant: Tenant) -> None:
    made, order = card(tenant.id, 3000), owe(tenant.id, 3000)
    spend(tenant.id, made.account.id, order)
    request_refund(
        boss(tenant.id), order, amount=usd(1000), reason="wish", idempotency_key="r", to="store_credit"
    )
    assert credit_of_customer(CUSTOMER, "USD") == usd(1000)
    assert balance(made.account.id) == 0
    nobody = owe(tenant.id, 100, customer_id=None)
    other = card(tenant.id, 100)
    spend(tenant.id, other.account.id, nobody)
    with pytest.raises(stored.NobodyToCredit):
        request_refund(
            boss(tenant.id), nobody, amount=usd(100), reason="x", idempotency_key="s", to="store_credit"
        )
    sound()


def test_credit_pays_its_customers_orders_only(tenant: Tenant) -> None:
    account = stored.grant_credit(
        boss(tenant.id), customer_id=CUSTOMER, amount=usd(800), reason="sorry", idempotency_key="g"
    )
    again = stored.grant_credit(
        boss(tenant.id), customer_id=CUSTOMER, amount=usd(800), reason="sorry", idempotency_key="g"
    )
    assert account.id == again.id and credit_of_customer(CUSTOMER, "USD") == usd(800)
    theirs = owe(tenant.id, 500, customer_id=new_id())
    for actor in (boss(tenant.id), staff(tenant.id, payments__use_value=Grant())):
        with pytest.raises(NotFound):
            spend(tenant.id, account.id, theirs, actor=actor)
    stranger = Actor(tenant.id, ActorKind.CUSTOMER, id=new_id(), name="Stranger")
    mine = owe(tenant.id, 500)
    with pytest.raises(NotFound):
        spend(tenant.id, account.id, mine, actor=stranger)
    own = Actor(tenant.id, ActorKind.CUSTOMER, id=CUSTOMER, name="Ada")
    assert spend(tenant.id, account.id, mine, actor=own).method == ReceiptMethod.STORE_CREDIT
    assert credit_of_customer(CUSTOMER, "USD") == usd(300)
    sound()


def test_credit_with_cash_on_delivery_lowers_what_the_carrier_collects(tenant: Tenant) -> None:
    made, order = card(tenant.id, 300), owe(tenant.id, 500, method=PaymentMethod.COD)
    spend(tenant.id, made.account.id, order)
    payment = Payment.objects.get(order_id=order)
    assert (payment.state, payment.amount_minor - payment.captured_minor) == (
        PaymentState.DUE_ON_DELIVERY,
        200,
    )
    cancel_payment(boss(tenant.id), order)
    assert [(row.amount_minor, row.way) for row in Refund.objects.filter(payment=payment)] == [
        (300, RefundWay.GIFT_CARD)
    ]
    sound()


def test_who_may_not(tenant: Tenant) -> None:
    nobody, made, order = staff(tenant.id), card(tenant.id, 100), owe(tenant.id, 100)
    limited = staff(
        tenant.id, payments__issue_cards=Grant(limit=500), payments__grant_credit=Grant(limit=500)
    )
    for denied in (
        lambda: stored.issue_card(nobody, amount=usd(1), idempotency_key="a"),
        lambda: stored.issue_card(limited, amount=usd(501), idempotency_key="a"),
        lambda: stored.block(nobody, made.account.id, reason="x"),
        lambda: stored.unblock(nobody, made.account.id),
        lambda: stored.grant_credit(
            nobody, customer_id=CUSTOMER, amount=usd(1), reason="x", idempotency_key="a"
        ),
        lambda: stored.take_back(nobody, made.account.id, amount=usd(1), reason="x", idempotency_key="a"),
        lambda: spend(tenant.id, made.account.id, order, actor=nobody),
        lambda: list_cards(nobody),
    ):
        with pytest.raises(PermissionDenied):
            denied()
    with pytest.raises(NeedsApproval):
        stored.grant_credit(limited, customer_id=CUSTOMER, amount=usd(501), reason="x", idempotency_key="a")
    assert StoredAccount.objects.count() == 1
    assert balance(made.account.id) == 100


def test_bad_amounts_days_and_reasons(tenant: Tenant) -> None:
    actor, day = boss(tenant.id), clock.now().date()
    for minor in (0, -5, stored.MOST + 1):
        with pytest.raises(Invalid) as refused:
            stored.grant_credit(
                actor, customer_id=CUSTOMER, amount=usd(minor), reason=" ", idempotency_key="x"
            )
        assert set(refused.value.fields) == {"amount", "reason"}
    for wrong in (day - timedelta(days=1), day + timedelta(days=9999)):
        with pytest.raises(Invalid) as refused:
            stored.issue_card(actor, amount=usd(0), expires_on=wrong, idempotency_key="x")
        assert set(refused.value.fields) == {"amount", "expires_on"}
    assert not StoredAccount.objects.exists()


def test_taking_back_what_was_given_in_error(tenant: Tenant) -> None:
    made = card(tenant.id, 500)
    for _ in range(2):
        stored.take_back(
            boss(tenant.id), made.account.id, amount=usd(200), reason="typing error", idempotency_key="t"
        )
    assert balance(made.account.id) == 300
    with pytest.raises(stored.NothingLeft):
        stored.take_back(boss(tenant.id), made.account.id, amount=usd(301), reason="x", idempotency_key="u")
    sound()


def test_lists_by_state_code_and_keyset(tenant: Tenant) -> None:
    actor = boss(tenant.id)
    made = [card(tenant.id, 100 + n) for n in range(5)]
    stored.block(actor, made[0].account.id, reason="x")
    stored.take_back(actor, made[1].account.id, amount=usd(101), reason="x", idempotency_key="t")
    assert [row.id for row in list_cards(actor, state="blocked").rows] == [made[0].account.id]
    assert [row.id for row in list_cards(actor, state="spent").rows] == [made[1].account.id]
    assert len(list_cards(actor, state="usable").rows) == 3
    assert [row.id for row in list_cards(actor, q=made[2].code).rows] == [made[2].account.id]
    assert made[3].account.id in {row.id for row in list_cards(actor, q=made[3].code[-4:]).rows}
    seen, after = [], None
    while True:
        found = list_cards(actor, after=after, size=2)
        seen += [row.id for row in found.rows]
        after = found.after
        if after is None:
            break
    assert seen == [each.account.id for each in reversed(made)]


class _Value(RuleBasedStateMachine):
    """Any order of issuing, spending, refunding, taking back and expiring: balances are the sums of their entries, what was
    spent is what the orders have, and nothing is below zero."""

    tenant_id = 0

    @initialize()
    def begin(self) -> None:
        self.cards = [card(self.tenant_id, 1000).account.id, card(self.tenant_id, 5).account.id]
        self.cards.append(stored.credit_account(CUSTOMER, "USD").id)
        self.orders = [owe(self.tenant_id, 700), owe(self.tenant_id, 900)]
        self.keys = iter(range(1000))

    @rule(which=st.integers(0, 2), order=st.integers(0, 1), again=st.booleans())
    def spend(self, which: int, order: int, again: bool) -> None:
        key = f"k{next(self.keys)}"
        with suppress(Conflict, NotFound):
            for _ in range(2 if again else 1):
                spend(self.tenant_id, self.cards[which], self.orders[order], key=key)

    @rule(order=st.integers(0, 1), minor=st.integers(1, 900), to=st.sampled_from(["", "store_credit"]))
    def refund(self, order: int, minor: int, to: str) -> None:
        with suppress(Conflict):
            request_refund(
                boss(self.tenant_id), self.orders[order], amount=usd(minor), reason="r",
                idempotency_key=f"k{next(self.keys)}", to=to,
            )  # fmt: skip

    @rule(minor=st.integers(1, 300))
    def grant(self, minor: int) -> None:
        stored.grant_credit(
            boss(self.tenant_id), customer_id=CUSTOMER, amount=usd(minor), reason="r",
            idempotency_key=f"k{next(self.keys)}",
        )  # fmt: skip

    @rule(which=st.integers(0, 2), minor=st.integers(1, 600))
    def take(self, which: int, minor: int) -> None:
        with suppress(Conflict):
            stored.take_back(
                boss(self.tenant_id), self.cards[which], amount=usd(minor), reason="r",
                idempotency_key=f"k{next(self.keys)}",
            )  # fmt: skip

    @rule(order=st.integers(0, 1))
    def cancel(self, order: int) -> None:
        cancel_payment(boss(self.tenant_id), self.orders[order])

    @invariant()
    def it_adds_up(self) -> None:
        for account in StoredAccount.objects.all():
            entries = list(StoredEntry.objects.filter(account=account).order_by("id"))
            running = 0
            for entry in entries:
                running += entry.amount_minor
                assert entry.balance_minor == running >= 0
            assert account.balance_minor == running
        spent = -sum(row.amount_minor for row in StoredEntry.objects.filter(kind="spent"))
        assert spent == sum(payment.captured_minor for payment in Payment.objects.all())
        sound()


def test_any_order_of_things_adds_up(tenant: Tenant) -> None:
    from django.db import transaction

    class Rolled(_Value):
        tenant_id = tenant.id

        def __init__(self) -> None:
            super().__init__()
            self.savepoint = transaction.savepoint()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.savepoint)

    run_state_machine_as_test(Rolled, settings=hypothesis_settings(max_examples=25, stateful_step_count=12))


def test_two_checkouts_with_the_same_card(fresh_db: str) -> None:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        made = card(tenant.id, 1000)
        orders = [owe(tenant.id, 300) for _ in range(8)]
    found = at_once(
        tenant.id, [lambda order=order: spend(tenant.id, made.account.id, order) for order in orders]
    )
    paid = [each.amount_minor for each in found if isinstance(each, Receipt)]
    assert sorted(paid) == [100, 300, 300, 300]
    assert {type(each) for each in found if not isinstance(each, Receipt)} == {stored.NothingLeft}
    with tenant_transaction(tenant.id):
        assert balance(made.account.id) == 0
        sound()


def test_two_presses_and_a_refund_at_once(fresh_db: str) -> None:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        made, order = card(tenant.id, 1000), owe(tenant.id, 600)
        spend(tenant.id, made.account.id, order, key="k")
    refunds = [
        lambda n=n: request_refund(
            boss(tenant.id), order, amount=usd(400), reason="r", idempotency_key=f"r{n}"
        )
        for n in range(4)
    ]
    presses = [lambda: spend(tenant.id, made.account.id, order, key="k")] * 3
    found = at_once(tenant.id, [*refunds, *presses])
    assert sum(isinstance(each, list) for each in found) == 1
    with tenant_transaction(tenant.id):
        assert balance(made.account.id) == 800
        sound()


def test_many_small_grants_pass_no_limit(tenant: Tenant) -> None:
    limited = staff(tenant.id, payments__grant_credit=Grant(limit=500))

    def grant(minor: int, key: str) -> None:
        stored.grant_credit(
            limited, customer_id=CUSTOMER, amount=usd(minor), reason="sorry", idempotency_key=key
        )

    grant(300, "a")
    with pytest.raises(NeedsApproval):
        grant(201, "b")
    grant(300, "a")  # the same click again
    grant(200, "c")
    assert credit_of_customer(CUSTOMER, "USD") == usd(500)
    with clock.frozen(clock.now() + timedelta(days=2)):
        grant(500, "d")
    sound()


def test_many_small_gift_cards_of_a_day_are_a_large_one(tenant: Tenant) -> None:
    clerk = staff(tenant.id, payments__issue_cards=Grant(limit=1000))

    def issue(minor: int, key: str) -> stored.IssuedCard:
        return stored.issue_card(clerk, amount=usd(minor), idempotency_key=key)

    with clock.frozen(clock.now()):
        first = issue(600, "k1")
        with pytest.raises(PermissionDenied):
            issue(401, "k2")
        assert issue(600, "k1").account.id == first.account.id  # the same request again counts once
        issue(400, "k3")
    assert list(StoredAccount.objects.order_by("id").values_list("balance_minor", flat=True)) == [600, 400]
    with clock.frozen(clock.now() + timedelta(days=1, minutes=1)):
        issue(1000, "k4")
    assert find_in("payments") == []


def test_a_new_name_gives_no_new_limit_of_store_credit(tenant: Tenant) -> None:
    clerk = staff(tenant.id, payments__grant_credit=Grant(limit=1000))
    renamed = replace(clerk, name="Sam Renamed")
    stored.grant_credit(clerk, customer_id=CUSTOMER, amount=usd(700), reason="x", idempotency_key="g1")
    with pytest.raises(NeedsApproval):
        stored.grant_credit(renamed, customer_id=CUSTOMER, amount=usd(301), reason="x", idempotency_key="g2")
    assert credit_of_customer(CUSTOMER, "USD") == usd(700)
