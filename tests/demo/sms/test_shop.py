"""The whole way, with nothing of it faked: a customer's telephone at the demo centre, SMPP, the worker's threads, a conversation and the
answer to it, its receipt; a kill of the listening in between."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.conf import settings

from callcart.contact.messaging import public as messaging
from callcart.contact.messaging import transport
from callcart.contact.messaging.models import Delivery, Line, Message
from callcart.core.tenancy import tenant_transaction
from callcart.demo.sms.api import smpp_password
from callcart.demo.sms.fates import Fate, Way
from callcart.people.tenants.models import Tenant
from tests.contact.messaging.office import Office
from tests.contact.routing.floor import build
from tests.demo.sms.conftest import PHONE, SHOP, Company
from tests.integrations.sms.centre import until

CHANNELS = {"smpp": "callcart.integrations.sms.smpp.SmppChannel"}


@pytest.fixture
def office(fresh_db: str, company: Company, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(settings, "CALLCART_CHANNELS", CHANNELS)
    transport._made.cache_clear()
    office = Office(build(Tenant.objects.get(slug="harbor").id))
    values = {
        "host": "127.0.0.1",
        "port": str(company.smpp_port),
        "system_id": SHOP[1:],
        "password": smpp_password(),
    }
    with tenant_transaction(office.tenant_id):
        line = messaging.add_line(
            office.floor.boss,
            "smpp",
            name="SMS",
            address=SHOP,
            queue_id=office.floor.queues["sales"],
            values=values,
        )
    office.lines["sms"] = line.id
    return office


@contextmanager
def worker() -> Iterator[None]:
    """The two loops of a worker that have to do with lines."""
    held, stop = messaging.Held(), threading.Event()
    loops = [messaging.Dispatcher(held).run, messaging.Listening(held).run]
    threads = [threading.Thread(target=loop, args=(stop,), daemon=True) for loop in loops]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        stop.set()
        for each in threads:
            each.join(10)
            assert not each.is_alive()
        gc.collect()  # connections of ended threads: the database is dropped after this


def test_a_customer_writes_and_is_answered(office: Office, company: Company) -> None:
    def said() -> list[tuple[str, str]]:
        with tenant_transaction(office.tenant_id):
            return list(Message.objects.order_by("id").values_list("author", "text"))

    def state(message_id: UUID) -> str:
        with tenant_transaction(office.tenant_id):
            return Delivery.objects.get(message_id=message_id).state

    def is_up() -> bool:
        with tenant_transaction(office.tenant_id):
            return Line.objects.get(id=office.lines["sms"]).state == "up"

    question, answer = "我的订单什么时候发货？" * 15, "您好，今天下午发货。" * 20
    company.turn(PHONE, way=Way.BACKWARDS)
    with worker():
        until(is_up)
        company.write(PHONE, question)
        until(said)
        with tenant_transaction(office.tenant_id):
            (first,) = Message.objects.all()
        assert (first.text, first.peer) == (question, PHONE)
        assert office.record(first.conversation_id).caller_e164 == PHONE
        reply = office.reply(office.floor.agent(ready=False), first.conversation_id, answer)
        until(lambda: state(reply.id) == "delivered")
    assert answer in company.page(PHONE)
    company.turn(PHONE, fate=Fate.FAILED)
    with worker():  # another one, after the first has ended
        second = office.reply(office.floor.agent(ready=False), first.conversation_id, "Noch etwas?")
        until(lambda: state(second.id) == "failed")
        company.write(PHONE, "1")
        company.write(PHONE, "1")
        until(lambda: len(said()) == 5)
    assert [text for author, text in said() if author == "customer"] == [question, "1", "1"]
