"""Codes and notices by the shop's own SMS line: once, in time, and forgotten once they have gone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from callcart.config import config
from callcart.contact.messaging import deliver, jobs
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.fake import FakeSms
from callcart.contact.messaging.models import Delivery, Line, Message
from callcart.contact.messaging.timers import run_once
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.core.ids import new_id
from callcart.core.tenancy import acting_for, tenant_transaction
from callcart.people.customers import transport
from tests.contact.messaging.office import Office
from tests.contact.routing.floor import system

NUMBER = "+12125550142"
WORDS = "482913 is your code."


@pytest.fixture
def office(fresh_office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An installation that is not for show."""
    real = config().model_copy(update={"demo": False})
    monkeypatch.setattr("callcart.config.config", lambda: real)
    monkeypatch.setattr(transport, "_in_use", None)
    return fresh_office


def told(office: Office, key: UUID, *, code: str = "482913", minutes: float = 5) -> None:
    message = transport.CodeMessage(
        NUMBER, code, WORDS, "en", key=key, until=now() + timedelta(minutes=minutes)
    )
    with acting_for(office.tenant_id):
        transport.in_use().send(message)


def out(office: Office) -> list[str]:
    done = []
    while claimed := deliver.claim(office.tenant_id):
        done += [str(deliver.hand_over(each)) for each in claimed]
    return done


def words(office: Office, key: UUID) -> str:
    with tenant_transaction(office.tenant_id):
        return Message.objects.get(id=key).text


def test_it_goes_once_by_the_shops_line_and_its_words_are_forgotten(office: Office) -> None:
    key = new_id()
    told(office, key)
    told(office, key)
    assert words(office, key) == WORDS
    assert out(office) == ["sent"]
    (gone,) = FakeSms.sent
    assert (gone.to, gone.text, gone.token, gone.automatic) == (NUMBER, WORDS, "", True)
    assert words(office, key) == ""


def test_a_shop_without_a_line_says_so(office: Office) -> None:
    with tenant_transaction(office.tenant_id):
        Line.objects.filter(channel="sms").update(is_active=False)
    with acting_for(office.tenant_id), pytest.raises(transport.NoTransport):
        transport.in_use()


def test_a_code_that_is_too_late_does_not_go(office: Office) -> None:
    key = new_id()
    told(office, key, minutes=-1)
    assert out(office) == []
    with system() as connection:
        run_once(connection)
    with tenant_transaction(office.tenant_id):
        row = Delivery.objects.get(message_id=key)
    assert (row.state, row.words, words(office, key)) == ("failed", "too_late", "")
    assert FakeSms.sent == []


def test_who_said_stop_gets_no_notice_but_the_code_he_asks_for(office: Office) -> None:
    office.hears("STOP", channel="sms", peer=NUMBER)
    told(office, new_id(), code="")
    told(office, new_id())
    out(office)
    assert [each.text for each in FakeSms.sent if each.to == NUMBER] == [WORDS]
    with tenant_transaction(office.tenant_id):
        assert sorted(Delivery.objects.values_list("state", "words")) == [("failed", "STOP"), ("sent", "")]


def test_it_is_no_letter_of_the_desk(office: Office) -> None:
    """Not among those that did not go, and not to be sent again without its words; an answer opens a conversation."""
    key = new_id()
    told(office, key, minutes=-1)
    with system() as connection:
        run_once(connection)
    boss = office.actor(office.floor.agent(ready=False))
    with tenant_transaction(office.tenant_id):
        assert messaging.dead_deliveries(boss) == []
        with pytest.raises(NotFound):
            messaging.send_again(boss, key)
    answer = office.hears("Who is this?", channel="sms", peer=NUMBER)
    assert answer.conversation_id != key and office.record(answer.conversation_id).peer == NUMBER


def test_in_the_end_nothing_is_left_of_it(office: Office) -> None:
    key, letter = new_id(), office.hears("Where?", channel="sms", peer=NUMBER)
    told(office, key)
    out(office)
    with tenant_transaction(office.tenant_id):
        Message.objects.update(at=now() - jobs.NOTICES_KEPT - timedelta(days=1))
    jobs.forget_notices()
    with tenant_transaction(office.tenant_id):
        assert list(Message.objects.values_list("id", flat=True)) == [letter.id]
        assert not Delivery.objects.exists()
