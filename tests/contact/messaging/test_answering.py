"""An answer from a desk: once, however many send it at the same moment, and never past a word of the customer's unread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connections

from callcart.contact.messaging import answering
from callcart.contact.messaging import public as messaging
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from tests.contact.messaging.office import Office

TIMES = 6


def answer(
    office: Office, staff_id: UUID, conversation_id: UUID, text: str, message_id: UUID, seen: int
) -> str:
    try:
        with tenant_transaction(office.tenant_id):
            answering.answer(
                office.actor(staff_id),
                conversation_id,
                messaging.Words(text),
                message_id=message_id,
                seen=seen,
            )
        return "sent"
    except (answering.AlreadySent, messaging.HeardMeanwhile) as error:
        return error.code
    finally:
        connections.close_all()


def hears(office: Office, text: str, peer: str) -> None:
    try:
        office.hears(text, channel="sms", peer=peer)
    finally:
        connections.close_all()


def test_sent_by_many_at_once_it_is_sent_once(office: Office) -> None:
    amy, name = office.floor.agent(ready=False), new_id()
    mine = office.hears().conversation_id
    with ThreadPoolExecutor(TIMES) as hands:
        said = list(hands.map(lambda _each: answer(office, amy, mine, "Here.", name, 1), range(TIMES)))
    assert said == ["sent"] * TIMES
    assert office.messages(mine) == ["Where is it?", "Here."]
    assert answer(office, amy, mine, "There.", name, 1) == "messaging.already_sent"
    assert office.messages(mine) == ["Where is it?", "Here."]


@pytest.mark.parametrize("_again", range(4))
def test_an_answer_and_the_customers_next_word_at_once(office: Office, _again: int) -> None:
    amy, peer = office.floor.agent(ready=False), f"+1202555{new_id().int % 9000 + 1000}"
    mine = office.hears(channel="sms", peer=peer).conversation_id
    with ThreadPoolExecutor(2) as hands:
        reply = hands.submit(answer, office, amy, mine, "Here.", new_id(), 1)
        hands.submit(hears, office, "Too late", peer).result()
    expected = (
        ["Where is it?", "Here.", "Too late"] if reply.result() == "sent" else ["Where is it?", "Too late"]
    )
    assert office.messages(mine) == expected
