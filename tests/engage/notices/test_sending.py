"""Sending: outside of transactions, once, again after failures, dead after the last, and again when somebody says so."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest

from callcart.contact.messaging.public import DeliveryState
from callcart.core import clock
from callcart.core.clock import now
from callcart.core.errors import NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_session, tenant_transaction
from callcart.engage.notices import jobs, transport
from callcart.engage.notices import public as notices
from callcart.engage.notices.models import Medium, Notice
from callcart.engage.notices.reach import Reach
from callcart.engage.notices.write import tell
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import Shop, at_once
from tests.engage.notices.conftest import Post, Sms

VALUES = {"number": "7", "shop": "Harbor", "carrier": "Speedy", "tracking": "1", "link": "x", "name": "Ada"}


def written(key: str = "a", *, mail: bool = False) -> Notice:
    address = {Medium.MAIL: "ada@example.com"} if mail else {Medium.SMS: "+15035550142"}
    (found,) = tell("dispatched", key, Reach(None, "Ada", "en", address), VALUES)
    return Notice.objects.get(id=found)


def send(row: Notice) -> Notice:
    jobs.send_notice(notice_id=str(row.id))
    return Notice.objects.get(id=row.id)


def down() -> None:
    raise ConnectionError("no route")


def test_an_sms_goes_by_the_provider_of_codes(shop: Shop, sms: Sms) -> None:
    row = send(written())
    assert (row.state, row.tries, row.parts) == ("sent", 1, 1) and row.sent_at is not None
    (message,) = sms.sent
    assert (message.e164, message.code, message.text) == ("+15035550142", "", row.text)


def test_a_mail_names_the_shop_as_sender(shop: Shop, mail: Post) -> None:
    row = send(written(mail=True))
    (sent,) = mail.sent
    assert (row.state, row.reference) == ("sent", "ref-1")
    assert sent.sender.endswith("<no-reply@harbor.localhost>") and sent.key == str(row.id)


def test_what_was_sent_is_not_sent_again(shop: Shop, sms: Sms) -> None:
    row = send(written())
    send(row)
    assert len(sms.sent) == 1


def test_failures_are_tried_again_and_end(shop: Shop, sms: Sms) -> None:
    sms.fail = down
    row, states = written(), []
    for _each in range(len(jobs.AGAIN_AFTER_SECONDS) + 1):
        row = send(row)
        states.append(row.state)
    assert states == ["failed"] * len(jobs.AGAIN_AFTER_SECONDS) + ["dead"]
    assert (row.failure, sms.sent) == ("ConnectionError", [])
    sms.fail = None
    assert send(row).state == "dead", "nobody asked for it"


def test_a_failure_mended_meanwhile_is_sent(shop: Shop, sms: Sms) -> None:
    sms.fail = down
    row = send(written())
    sms.fail = None
    assert send(row).state == "sent"


def test_what_the_provider_refuses_for_good_is_dead_at_once(shop: Shop, mail: Post) -> None:
    def refuse() -> None:
        raise transport.Refused("550 no such mailbox")

    mail.fail = refuse
    row = send(written(mail=True))
    assert (row.state, row.failure, row.tries) == ("dead", "550 no such mailbox", 1)


def test_a_day_late_it_is_not_sent(shop: Shop, sms: Sms) -> None:
    row = written()
    with clock.frozen(now() + jobs.GOOD_FOR + timedelta(minutes=1)):
        row = send(row)
    assert (row.state, row.failure, sms.sent) == ("dead", "too_late", [])


def test_dead_ones_are_sent_again_by_who_may(shop: Shop, sms: Sms) -> None:
    row, waiting = written(), written("b")
    Notice.objects.filter(id=row.id).update(state="dead", tries=6, failure="x")
    with pytest.raises(PermissionDenied):
        notices.send_again(shop.staff("notices.view"), [row.id])
    boss = shop.staff("notices.manage")
    with pytest.raises(notices.NotDead):
        notices.send_again(boss, [row.id, waiting.id])
    with pytest.raises(NotFound):
        notices.send_again(boss, [row.id, new_id()])
    assert Notice.objects.get(id=row.id).state == "dead"
    assert notices.send_again(boss, [row.id]) == 1
    assert send(row).state == "sent"


def test_an_sms_that_its_line_could_not_get_rid_of_is_told_of_and_sent_again(shop: Shop, sms: Sms) -> None:
    row = send(written())

    def look(state: DeliveryState, words: str = "") -> str:
        with patch.object(jobs, "went", return_value=(state, words)):
            jobs.look_at_sms(notice_id=str(row.id), key=row.reference, look=0)
        return str(Notice.objects.get(id=row.id).state)

    assert look(DeliveryState.WAITING) == look(DeliveryState.SENT) == look(DeliveryState.IN_DOUBT) == "sent"
    assert look(DeliveryState.FAILED, "No such number") == "dead"
    row = Notice.objects.get(id=row.id)
    assert (row.failure, row.sent_at) == ("No such number", None)
    notices.send_again(shop.staff("notices.manage"), [row.id])
    again = send(row)
    assert again.reference != row.reference
    assert [str(each.key) for each in sms.sent] == [row.reference, again.reference]
    assert look(DeliveryState.FAILED) == "sent", "what is said of the first is not said of the second"


def test_a_dead_workers_claim_ends(shop: Shop, sms: Sms) -> None:
    row = written()
    Notice.objects.filter(id=row.id).update(claimed_at=now(), tries=1)  # it died while the provider was asked
    assert send(row).state == "waiting" and sms.sent == []
    with clock.frozen(now() + jobs.CLAIM):
        row = send(row)
    assert (row.state, len(sms.sent)) == ("sent", 1)


def test_two_workers_send_it_once_and_none_inside_a_transaction(fresh_db: str, sms: Sms) -> None:
    from django.db import connection

    tenant, inside = Tenant.objects.get(slug="harbor"), []
    with tenant_transaction(tenant.id):
        row = written()
    sms.fail = lambda: inside.append(connection.in_atomic_block)

    def work() -> None:
        with tenant_session(tenant.id):
            jobs.send_notice(notice_id=str(row.id))

    import threading

    threads = [threading.Thread(target=_closing(work)) for _each in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    with tenant_transaction(tenant.id):
        assert Notice.objects.get(id=row.id).state == "sent"
    assert (len(sms.sent), inside) == (1, [False])


def test_the_same_fact_told_at_once_is_written_once(fresh_db: str, sms: Sms) -> None:
    tenant = Tenant.objects.get(slug="harbor")
    reach = Reach(None, "Ada", "en", {Medium.SMS: "+15035550142"})
    found = at_once(tenant.id, [lambda: tell("dispatched", "same", reach, VALUES) for _each in range(4)])
    assert sorted(len(each) for each in found) == [0, 0, 0, 1]


def test_the_list_pages_and_filters(shop: Shop, sms: Sms) -> None:
    actor = shop.staff("notices.view")
    rows = [written(str(number)) for number in range(5)]
    send(rows[0])
    seen, after = [], None
    while True:
        page = notices.list_notices(actor, notices.NoticeFilters(), after=after, size=2)
        seen += [row.id for row in page.rows]
        after = page.after
        if after is None:
            break
    assert seen == [row.id for row in reversed(rows)]
    assert len(notices.list_notices(actor, notices.NoticeFilters(unsent=True)).rows) == 4
    assert notices.list_notices(actor, notices.NoticeFilters(kind="delivered")).rows == []
    with pytest.raises(PermissionDenied):
        notices.list_notices(shop.staff(), notices.NoticeFilters())


def _closing(work):  # type: ignore[no-untyped-def]
    from django.db import connections

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    return run
