"""A campaign of a hundred thousand, scaled down: it leaves, and no live reply waits for it, of whatever shop."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from callcart.contact.messaging import deliver
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Message
from callcart.core.tenancy import tenant_transaction
from tests.contact.messaging.campaign import PRIORITY, campaign
from tests.contact.messaging.office import Office
from tests.contact.routing.floor import system

SIZE = 3_000
Work = Callable[[deliver.Claimed], None]


class Hands:
    """Hands that hold what they were given until they are told to go on: a provider that takes its time."""

    def __init__(self) -> None:
        self.held: list[tuple[Work, deliver.Claimed]] = []
        self.gone: list[int] = []

    def take(self, work: Work, claimed: deliver.Claimed) -> None:
        self.held.append((work, claimed))

    def one_goes(self) -> None:
        work, claimed = self.held.pop(0)
        work(claimed)
        self.gone.append(claimed.id)


@pytest.fixture
def hands() -> Hands:
    return Hands()


def _reply(office: Office, channel: str = "sms", peer: str = "+12025559999") -> Message:
    talk = office.hears(channel=channel, peer=peer).conversation_id
    return office.reply(office.floor.agent(ready=False), talk, "Live")


def test_a_live_reply_on_the_same_line_is_the_next_to_leave(fresh_office: Office, hands: Hands) -> None:
    office = fresh_office
    campaign(office.tenant_id, office.lines["sms"], SIZE)
    dispatcher = deliver.Dispatcher(messaging.Held())
    with system() as connection:
        for _turn in range(20):
            dispatcher.once(connection, hands.take)
        assert len(hands.held) == deliver.OF_ONE_LINE
        live = office.delivery(_reply(office))
        for _turn in range(20):
            dispatcher.once(connection, hands.take)
        assert len(hands.held) == deliver.OF_ONE_LINE  # the line has enough in hand, whoever waits
        hands.one_goes()
        dispatcher.once(connection, hands.take)
    assert hands.held[-1][1].id == live.id


def test_campaigns_of_many_lines_leave_hands_for_the_living(
    fresh_office: Office, next_door: Office, hands: Hands
) -> None:
    """However long their providers take: a live reply, of whatever shop, finds a hand in the very next turn."""
    office = fresh_office
    for line_id in (office.lines["sms"], *_more_lines(office, 4)):
        campaign(office.tenant_id, line_id, 20)
    dispatcher = deliver.Dispatcher(messaging.Held())
    with system() as connection:
        for _turn in range(40):
            dispatcher.once(connection, hands.take)
        assert len(hands.held) == deliver.FOR_BULK < deliver.HANDS
        live = {shop.delivery(_reply(shop, "mail", "ann@there.example")).id for shop in (office, next_door)}
        assert dispatcher.once(connection, hands.take) == 2
        assert {claimed.id for _work, claimed in hands.held[deliver.FOR_BULK :]} == live
        hands.one_goes()
        hands.one_goes()
        for _turn in range(3):
            dispatcher.once(connection, hands.take)
    # What a campaign has got rid of is given to it again, and no more than that.
    assert sum(claimed.priority == PRIORITY for _work, claimed in hands.held) == deliver.FOR_BULK


def test_all_of_it_leaves_and_nothing_twice(fresh_office: Office, hands: Hands) -> None:
    office = fresh_office
    campaign(office.tenant_id, office.lines["sms"], 60)
    dispatcher = deliver.Dispatcher(messaging.Held())
    with system() as connection:
        while dispatcher.once(connection, hands.take) or hands.held:
            hands.one_goes()
    assert len(hands.gone) == len(set(hands.gone)) == 60


def _more_lines(office: Office, count: int) -> list[UUID]:
    made = []
    for number in range(count):
        with tenant_transaction(office.tenant_id):
            line = messaging.add_line(
                office.floor.boss, "fake_sms", name=f"Line {number}", address=f"+1202555010{number + 1}",
                queue_id=office.floor.queues["sales"], values={},
            )  # fmt: skip
        made.append(line.id)
    return made
