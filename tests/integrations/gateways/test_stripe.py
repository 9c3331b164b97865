"""Stripe's adapter against a stand-in that answers in the published shapes (with values of our own)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from callcart.commerce.payments.gateway import (
    ChargeRequest,
    EventKind,
    ForgedWebhook,
    GatewayRefused,
    RefundRequest,
    SessionRequest,
)
from callcart.core import clock
from callcart.core.clock import now
from callcart.core.money import Money
from callcart.integrations.gateways.stripe import TOLERANCE_SECONDS, StripeGateway, sign
from tests.integrations.gateways.contract import Contract, Message, a_key
from tests.integrations.gateways.standin import Answer, Asked, Fault, StandIn

SECRET, WEBHOOK = "sk_test_of_nobody", "whsec_of_nobody"


class Stripe:
    """Sessions, payments and refunds in memory; a key does its work once."""

    currency = "USD"
    calls_at_session = True

    def __init__(self) -> None:
        self.standin = StandIn(self._work)
        self.gateway = StripeGateway(
            {"secret_key": SECRET, "webhook_secret": WEBHOOK}, base_url=self.standin.url
        )
        self.sessions: dict[str, dict[str, Any]] = {}
        self.intents: dict[str, dict[str, Any]] = {}
        self.made: list[dict[str, Any]] = []
        self.keys: dict[str, Answer] = {}
        self.declines = False

    @property
    def fault(self) -> Fault:
        return self.standin.fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self.standin.fault = fault

    def close(self) -> None:
        self.standin.close()

    def decline_charges(self) -> None:
        self.declines = True

    def refunds(self) -> list[int]:
        return [each["amount"] for each in self.made]

    def charges(self) -> list[int]:
        return [
            each["amount"] for each in self.intents.values()
            if each["metadata"]["callcart_kind"] == "charge" and each["status"] == "succeeded"
        ]  # fmt: skip

    def forget_keys(self) -> None:
        """A day has passed."""
        self.keys.clear()

    def session_of(self, key: str) -> dict[str, Any]:
        return next(each for each in self.sessions.values() if each["client_reference_id"] == key)

    def pay(self, key: str, *, minor: int = 0) -> Message:
        session = self.session_of(key)
        amount = minor or session["amount_total"]
        intent = self._intent(amount, session["currency"], key, "page", "succeeded")
        session |= {
            "payment_status": "paid", "status": "complete", "payment_intent": intent["id"],
            "customer": "cus_1", "amount_total": amount,
        }  # fmt: skip
        return self.message("checkout.session.completed", session)

    def run_out(self, key: str) -> Message:
        session = self.session_of(key)
        session["status"] = "expired"
        return self.message("checkout.session.expired", session)

    def message(self, kind: str, told: dict[str, Any], *, secret: str = WEBHOOK, age: int = 0) -> Message:
        body = json.dumps(
            {"id": f"evt_{kind}_{told['id']}", "object": "event", "type": kind, "data": {"object": told}}
        ).encode()
        return {"Stripe-Signature": sign(secret, body, at=int(now().timestamp()) - age)}, body

    def forge(self, message: Message) -> Message:
        return {"Stripe-Signature": sign("whsec_other", message[1], at=int(now().timestamp()))}, message[1]

    def _intent(self, amount: int, currency: str, key: str, kind: str, status: str) -> dict[str, Any]:
        name = f"pi_{len(self.intents) + 1}"
        self.intents[name] = {
            "id": name, "object": "payment_intent", "amount": amount, "currency": currency, "status": status,
            "amount_received": amount if status == "succeeded" else 0, "payment_method": "pm_1",
            "metadata": {"callcart_key": key, "callcart_kind": kind},
        }  # fmt: skip
        return self.intents[name]

    def _work(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Bearer {SECRET}":
            return _error(401, "invalid_request_error")
        key = asked.headers.get("idempotency-key", "")
        if key and key in self.keys:
            return self.keys[key]
        answer = self._answer(asked)
        if key:
            self.keys[key] = answer
        return answer

    def _answer(self, asked: Asked) -> Answer:
        what = asked.path.removeprefix("/v1/")
        if what == "checkout/sessions":
            return self._open(asked.form)
        if what.startswith("checkout/sessions/"):
            return _found(self.sessions.get(what.rpartition("/")[2]))
        if what == "payment_intents/search":
            wanted = asked.query["query"].partition(":'")[2].rstrip("'")
            found = [each for each in self.intents.values() if each["metadata"]["callcart_key"] == wanted]
            return 200, json.dumps({"object": "search_result", "data": found})
        if what == "payment_intents":
            return self._charge(asked.form)
        if what.startswith("payment_intents/"):
            return _found(self.intents.get(what.rpartition("/")[2]))
        if what == "refunds" and asked.method == "GET":
            mine = [each for each in self.made if each["payment_intent"] == asked.query["payment_intent"]]
            return 200, json.dumps({"object": "list", "data": mine})
        if what == "refunds":
            return self._refund(asked.form)
        return _found({"object": "balance"} if what == "balance" else None)

    def _open(self, form: dict[str, str]) -> Answer:
        name = f"cs_{len(self.sessions) + 1}"
        self.sessions[name] = {
            "id": name, "object": "checkout.session", "url": f"https://checkout.example/{name}", "status": "open",
            "payment_status": "unpaid", "client_reference_id": form["client_reference_id"],
            "metadata": {"callcart_key": form["metadata[callcart_key]"]}, "payment_intent": None, "customer": None,
            "amount_total": int(form["line_items[0][price_data][unit_amount]"]),
            "currency": form["line_items[0][price_data][currency]"],
            "setup": form.get("payment_intent_data[setup_future_usage]"),
        }  # fmt: skip
        return 200, json.dumps(self.sessions[name])

    def _charge(self, form: dict[str, str]) -> Answer:
        status = "requires_payment_method" if self.declines else "succeeded"
        made = self._intent(
            int(form["amount"]), form["currency"], form["metadata[callcart_key]"], "charge", status
        )
        if not self.declines:
            return 200, json.dumps(made)
        error = {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"}
        return 402, json.dumps({"error": {**error, "payment_intent": made}})

    def _refund(self, form: dict[str, str]) -> Answer:
        intent, amount = self.intents[form["payment_intent"]], int(form["amount"])
        gone = sum(each["amount"] for each in self.made if each["payment_intent"] == intent["id"])
        if amount > intent["amount"] - gone:
            return _error(400, "invalid_request_error")
        made = {
            "id": f"re_{len(self.made) + 1}", "object": "refund", "amount": amount, "status": "pending",
            "currency": intent["currency"], "payment_intent": intent["id"],
            "metadata": {"callcart_refund": form["metadata[callcart_refund]"]},
        }  # fmt: skip
        self.made.append(made)
        return 200, json.dumps(made)


def _error(status: int, kind: str) -> Answer:
    return status, json.dumps({"error": {"type": kind}})


def _found(found: dict[str, Any] | None) -> Answer:
    return (200, json.dumps(found)) if found is not None else _error(404, "invalid_request_error")


class TestStripe(Contract):
    def make(self) -> Stripe:
        return Stripe()

    @pytest.fixture
    def stripe(self, provider: Stripe) -> Stripe:
        return provider

    def test_the_page_is_asked_for_as_documented(self, stripe: Stripe) -> None:
        key = a_key()
        stripe.gateway.create_session(self.request(stripe, key, 1999, keep_mandate=True))
        (asked,) = stripe.standin.asked
        assert asked.headers["idempotency-key"] == key
        assert asked.headers["stripe-version"] == "2024-06-20"
        assert asked.form["mode"] == "payment"
        assert asked.form["line_items[0][price_data][unit_amount]"] == "1999"
        assert asked.form["payment_intent_data[setup_future_usage]"] == "off_session"
        assert asked.form["customer_creation"] == "always"

    @pytest.mark.parametrize(
        ("currency", "minor", "units"), [("JPY", 500, 500), ("ISK", 500, 50000), ("CNY", 501, 501)]
    )
    def test_minor_units_as_stripe_counts_them(
        self, stripe: Stripe, currency: str, minor: int, units: int
    ) -> None:
        key = a_key()
        stripe.gateway.create_session(
            SessionRequest(
                key, Money(minor, currency), "1", "zh-hans", "https://a.example", "https://a.example"
            )
        )
        assert stripe.session_of(key)["amount_total"] == units
        event = stripe.gateway.parse_webhook(*stripe.pay(key))
        assert event is not None and event.amount == Money(minor, currency)

    def test_a_refund_lost_for_more_than_a_day_is_found_again(self, stripe: Stripe) -> None:
        _, reference, _ = self.paid(stripe)
        asked = RefundRequest(a_key(), reference, Money(2000, "USD"))
        first = stripe.gateway.refund(asked)
        stripe.forget_keys()
        assert stripe.gateway.refund(asked) == first
        assert stripe.refunds() == [2000]

    def test_a_refund_that_fails_afterwards_is_told(self, stripe: Stripe) -> None:
        _, reference, _ = self.paid(stripe)
        key = a_key()
        stripe.gateway.refund(RefundRequest(key, reference, Money(2000, "USD")))
        told = {**stripe.made[0], "status": "failed", "failure_reason": "expired_or_canceled_card"}
        event = stripe.gateway.parse_webhook(*stripe.message("refund.failed", told))
        assert event is not None
        assert (event.kind, event.key, event.amount, event.failure) == (
            EventKind.REFUND_FAILED, key, Money(2000, "USD"), "expired_or_canceled_card"
        )  # fmt: skip
        assert stripe.gateway.parse_webhook(*stripe.message("refund.updated", stripe.made[0])) is None

    def test_an_old_message_is_refused(self, stripe: Stripe) -> None:
        key = a_key()
        stripe.gateway.create_session(self.request(stripe, key))
        stripe.pay(key)
        session = stripe.session_of(key)
        fresh = stripe.message("checkout.session.completed", session, age=TOLERANCE_SECONDS - 5)
        assert stripe.gateway.parse_webhook(*fresh) is not None
        with pytest.raises(ForgedWebhook):
            stripe.gateway.parse_webhook(
                *stripe.message("checkout.session.completed", session, age=TOLERANCE_SECONDS + 5)
            )

    def test_two_signatures_while_the_secret_is_being_changed(self, stripe: Stripe) -> None:
        key = a_key()
        stripe.gateway.create_session(self.request(stripe, key))
        headers, body = stripe.pay(key)
        stamp, _, right = headers["Stripe-Signature"].partition(",")
        both = {"stripe-signature": f"{stamp},v1={'0' * 64},{right},v0=abc"}
        assert stripe.gateway.parse_webhook(both, body) is not None
        with pytest.raises(ForgedWebhook):
            stripe.gateway.parse_webhook({"Stripe-Signature": f"{stamp},{right.replace('v1', 'v0')}"}, body)
        for odd in ("", "t=,v1=", "t=x,v1=y", f"t={'9' * 400},v1=0", "nonsense"):
            with pytest.raises(ForgedWebhook):
                stripe.gateway.parse_webhook({"Stripe-Signature": odd}, body)

    def test_other_messages_say_nothing(self, stripe: Stripe) -> None:
        key = a_key()
        stripe.gateway.create_session(self.request(stripe, key))
        session = stripe.session_of(key)
        for kind, told in (
            ("customer.created", {"id": "cus_1"}),
            ("checkout.session.completed", session),  # a bank debit: the money is still on its way
            ("payment_intent.payment_failed", {"id": "pi_9", "metadata": {"callcart_kind": "page"}}),
        ):
            assert stripe.gateway.parse_webhook(*stripe.message(kind, told)) is None
        failed = stripe.gateway.parse_webhook(
            *stripe.message("checkout.session.async_payment_failed", session)
        )
        assert failed is not None and failed.kind is EventKind.DECLINED

    def test_a_charge_the_bank_thinks_about_is_open(self, stripe: Stripe) -> None:
        _, _, mandate = self.paid(stripe, keep_mandate=True)
        key = a_key()
        stripe.keys[key] = 200, json.dumps({"id": "pi_9", "status": "processing", "metadata": {}})
        assert stripe.gateway.charge(ChargeRequest(key, Money(700, "USD"), mandate, "1")) is None

    def test_the_keys_are_tried(self, stripe: Stripe) -> None:
        stripe.gateway.check()
        wrong = StripeGateway({"secret_key": "sk_x", "webhook_secret": WEBHOOK}, base_url=stripe.standin.url)
        with pytest.raises(GatewayRefused):
            wrong.check()

    def test_time_stands_still_for_signatures(self, stripe: Stripe) -> None:
        key = a_key()
        stripe.gateway.create_session(self.request(stripe, key))
        message = stripe.pay(key)
        with clock.frozen(now().replace(year=2031)), pytest.raises(ForgedWebhook):
            stripe.gateway.parse_webhook(*message)
