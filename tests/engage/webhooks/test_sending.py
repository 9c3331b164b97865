"""Programs are told once it is so, in order, signed, until they have taken it; a failing one is stopped and told on again."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

import pytest

from callcart.core import events
from callcart.core.actor import Actor
from callcart.core.clock import frozen, now
from callcart.core.ids import new_id
from callcart.engage.webhooks import sending
from callcart.engage.webhooks.models import Delivery, Endpoint
from callcart.engage.webhooks.public import (
    StillWaiting,
    add_endpoint,
    replay,
    send_test,
    switch_endpoint,
)
from callcart.people.tasks.models import Task
from tests.engage.webhooks.listener import Listener

HANDLER = "callcart.engage.webhooks.handlers.write_down"
pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def endpoint(boss: Actor, listener: Listener) -> Endpoint:
    return add_endpoint(
        boss, name="Books", url=listener.url, kinds=["order.placed", "order.changed"]
    ).endpoint


def _happen(kind: str = "order.placed", order_id: UUID | None = None, **data: object) -> UUID:
    """An event, and the job of our handler of it; those of other rooms are not run."""
    subject = order_id or new_id()
    event_id = events.emit(kind, subject=("order", subject), data=data)
    events.run_handler(handler_name=HANDLER, event_id=event_id)
    return subject


def _states() -> list[str]:
    return list(Delivery.objects.order_by("event_id").values_list("state", flat=True))


def test_what_happens_is_told_and_signed(boss: Actor, listener: Listener) -> None:
    made = add_endpoint(boss, name="Books", url=listener.url, kinds=["order.placed"])
    assert made.secret not in made.endpoint.secret
    order_id = _happen(state="placed")
    _happen("customer.changed")
    assert sending.send_waiting(made.endpoint.id) is None
    headers, body = listener.taken[0]
    told = listener.bodies[0]
    assert (told["kind"], told["subject"], told["data"]) == (
        "order.placed",
        {"kind": "order", "id": str(order_id)},
        {"state": "placed"},
    )
    moment = headers["Callcart-Signature"].partition(",")[0].removeprefix("t=")
    mac = hmac.new(made.secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Callcart-Signature"] == f"t={moment},v1={mac}"
    assert abs(int(moment) - now().timestamp()) < 60
    assert headers["Callcart-Event"] == "order.placed"
    assert headers["Callcart-Delivery"] == str(Delivery.objects.get().id)
    assert (len(listener.taken), _states()) == (1, ["delivered"])


def test_once_even_if_the_handler_runs_twice(endpoint: Endpoint, listener: Listener) -> None:
    from callcart.core.models import Event

    _happen()
    row = Event.objects.get(kind="order.placed")
    events.run_handler(handler_name=HANDLER, event_id=row.id)
    sending.send_waiting(endpoint.id)
    assert len(listener.taken) == 1


def test_handlers_that_run_in_another_order_do_not_change_the_order(
    endpoint: Endpoint, listener: Listener
) -> None:
    from callcart.core.models import Event

    order_id = new_id()
    for kind in ("order.placed", "order.changed"):
        events.emit(kind, subject=("order", order_id))
    last = Event.objects.order_by("-id").first()
    assert last is not None
    events.run_handler(handler_name=HANDLER, event_id=last.id)
    sending.send_waiting(endpoint.id)
    assert [each["kind"] for each in listener.bodies] == ["order.placed", "order.changed"]


def test_nothing_newer_overtakes_what_was_not_taken(endpoint: Endpoint, listener: Listener) -> None:
    listener.answers = [500]
    first, second = _happen(), _happen()
    start = now()
    with frozen(start):
        assert sending.send_waiting(endpoint.id) == 11
        assert sending.send_waiting(endpoint.id) == 11  # not yet
    assert [each["subject"]["id"] for each in listener.bodies] == [str(first)]
    row = Delivery.objects.order_by("event_id").first()
    assert row is not None
    assert (row.state, row.tries, row.status, row.failure) == ("waiting", 1, 500, "HTTP 500")
    with frozen(start + timedelta(seconds=10)):
        assert sending.send_waiting(endpoint.id) is None
    assert [each["subject"]["id"] for each in listener.bodies] == [str(first), str(first), str(second)]
    assert _states() == ["delivered", "delivered"]


def test_the_last_failure_stops_it_and_somebody_is_told(
    boss: Actor, endpoint: Endpoint, listener: Listener
) -> None:
    tries = len(sending.AGAIN_AFTER_SECONDS) + 1
    listener.answers = [503] * tries
    _happen(), _happen()
    moment = now()
    for _each in range(tries):
        with frozen(moment):
            sending.send_waiting(endpoint.id)
        moment += timedelta(hours=13)
    endpoint.refresh_from_db()
    assert (endpoint.state, _states(), len(listener.taken)) == ("stopped", ["dead", "waiting"], tries)
    assert Task.objects.get().kind == "webhook_stopped"
    _happen()  # is kept meanwhile
    with frozen(moment):
        assert sending.send_waiting(endpoint.id) is None
        assert len(listener.taken) == tries
        switch_endpoint(boss, endpoint.id, on=True)
        sending.send_waiting(endpoint.id)
    assert _states() == ["dead", "delivered", "delivered"]
    assert Task.objects.get().state != "open"


def test_the_same_bytes_are_sent_again(boss: Actor, endpoint: Endpoint, listener: Listener) -> None:
    _happen()
    row = Delivery.objects.get()
    with pytest.raises(StillWaiting):
        replay(boss, row.id)
    sending.send_waiting(endpoint.id)
    replay(boss, row.id)
    sending.send_waiting(endpoint.id)
    assert listener.taken[0][1] == listener.taken[1][1]
    assert listener.taken[0][0]["Callcart-Delivery"] == listener.taken[1][0]["Callcart-Delivery"]


def test_switched_off_nothing_is_kept(boss: Actor, endpoint: Endpoint, listener: Listener) -> None:
    switch_endpoint(boss, endpoint.id, on=False)
    _happen()
    assert not Delivery.objects.exists()
    switch_endpoint(boss, endpoint.id, on=True)
    _happen()
    sending.send_waiting(endpoint.id)
    assert len(listener.taken) == 1


def test_only_one_worker_is_at_it(endpoint: Endpoint, listener: Listener) -> None:
    _happen()
    Endpoint.objects.update(sending_until=now() + timedelta(seconds=30))
    assert sending.send_waiting(endpoint.id) is None
    assert listener.taken == []
    Endpoint.objects.update(sending_until=now() - timedelta(seconds=1))  # that one died
    sending.send_waiting(endpoint.id)
    assert len(listener.taken) == 1


def test_a_redirect_is_not_followed(endpoint: Endpoint, listener: Listener) -> None:
    listener.answers = [302]
    _happen()
    sending.send_waiting(endpoint.id)
    assert len(listener.taken) == 1
    assert Delivery.objects.get().failure == "HTTP 302"


def test_a_test_says_that_it_is_one(boss: Actor, endpoint: Endpoint, listener: Listener) -> None:
    send_test(boss, endpoint.id)
    sending.send_waiting(endpoint.id)
    assert [each["kind"] for each in listener.bodies] == ["webhook.test"]


def test_nobody_there(boss: Actor) -> None:
    made = add_endpoint(boss, name="Gone", url="http://127.0.0.1:9/hook", kinds=["order.placed"])
    _happen()
    assert sending.send_waiting(made.endpoint.id) is not None
    assert Delivery.objects.get().failure == "ConnectError"
