"""Several nodes on one database: each takes up its own calls only, knows where a page is to be rung, ends what a dead one has left."""

from __future__ import annotations

import pytest

from callcart.contact.conversations.public import EndReason
from callcart.contact.routing import public as routing
from callcart.contact.voice import standing
from callcart.contact.voice.accounts import username_of
from callcart.contact.voice.engine import CallArrived
from callcart.contact.voice.exchange import Exchange
from callcart.contact.voice.inputs import Wish
from callcart.contact.voice.models import Call, SoftphoneAccount
from callcart.contact.voice.models import Exchange as ExchangeRow
from callcart.contact.voice.news import AccountAt, news_of
from callcart.contact.voice.opening import open_call
from callcart.contact.voice.requests import Telephones, telephones
from callcart.contact.voice.states import CallState, Request
from callcart.core import events as core_events
from callcart.core.database import raw
from callcart.core.tenancy import tenant_transaction
from tests.contact.routing.floor import Floor
from tests.contact.voice.hall import Hall, settle
from tests.contact.voice.test_ledger import _page, call, events, play, record, shop  # noqa: F401
from tests.contact.voice.test_ledger_transfers import floor, talking  # noqa: F401

NUMBER = "+12025550100"


def opened_at(floor: Floor, node: str, channel: str) -> Call:  # noqa: F811
    row = open_call(CallArrived(channel, NUMBER, "+12125550999"), node)
    assert row is not None
    return call(floor, row)


def dead(node: str) -> None:
    ExchangeRow.objects.update_or_create(name=node, defaults={"up": True})
    raw.run(
        "UPDATE voice_exchange SET seen_at = clock_timestamp() - make_interval(secs => %s) WHERE name = %s",
        [standing.DEAD_SECONDS + 1, node],
    )


@pytest.mark.usefixtures("shop")
def test_each_takes_up_its_own(floor: Floor) -> None:  # noqa: F811
    here, there = opened_at(floor, "main", "c1"), opened_at(floor, "b", "c2")
    assert (here.node, there.node) == ("main", "b")
    assert [row.customer_channel for row in standing.live_calls()] == ["c1"]
    assert [row.customer_channel for row in standing.live_calls("b")] == ["c2"]


@pytest.mark.usefixtures("shop")
def test_a_call_is_dialled_by_the_node_where_the_page_is(floor: Floor) -> None:  # noqa: F811
    staff = floor.agent()
    account = _page(floor, staff)
    standing.softphone_at(username_of(account.id), "b", here=True)
    with tenant_transaction(floor.tenant_id):
        assert SoftphoneAccount.objects.get(id=account.id).node == "b"
    told = events(floor, "softphone.at")[-1]
    plain = core_events.Event(
        told.id, told.tenant_id, told.at, told.kind, "", None, staff, told.audience, told.data
    )
    assert news_of(plain) == AccountAt(username_of(account.id), "b", here=True)
    standing.softphone_at(username_of(account.id), "main", here=False)  # an old page's end, told late
    assert len(events(floor, "softphone.at")) == 1


@pytest.mark.usefixtures("shop")
def test_what_a_dead_node_has_left_is_ended_and_its_agents_are_free(floor: Floor) -> None:  # noqa: F811
    row, staff = talking(floor)
    with tenant_transaction(floor.tenant_id):
        Call.objects.filter(conversation_id=row.facts.conversation_id).update(node="b")
    standing.tell_health("b", up=True)
    assert play(lambda ledger: ledger.orphans()) == []
    dead("b")
    (orphan,) = play(lambda ledger: ledger.orphans())
    assert orphan.facts.conversation_id == row.facts.conversation_id
    play(lambda ledger: ledger.finish(orphan, EndReason.TELEPHONY_LOST))
    play(lambda ledger: ledger.finish(orphan, EndReason.TELEPHONY_LOST))  # two nodes may notice at once
    assert record(floor, row).end_reason == EndReason.TELEPHONY_LOST
    with tenant_transaction(floor.tenant_id):
        assert routing.agent_state(staff).state != "talking"
    assert play(lambda ledger: ledger.orphans()) == []


@pytest.mark.usefixtures("shop")
def test_a_leg_that_comes_back_with_its_node_is_nobodys(floor: Floor) -> None:  # noqa: F811
    row, _staff = talking(floor)
    play(lambda ledger: ledger.finish(row, EndReason.TELEPHONY_LOST))
    assert open_call(CallArrived(row.customer_channel, NUMBER), "b") is None


@pytest.mark.usefixtures("shop")
def test_the_telephones_are_up_while_one_node_is() -> None:
    ExchangeRow.objects.all().delete()
    assert telephones() is Telephones.UNHEARD
    standing.tell_health("main", up=True)
    standing.tell_health("b", up=False)
    assert telephones() is Telephones.UP
    standing.tell_health("main", up=False)
    assert telephones() is Telephones.LOST
    dead("main")
    dead("b")
    assert telephones() is Telephones.UNHEARD


async def test_a_page_of_another_node_is_rung_there(hall: Hall) -> None:
    hall.exchange.hear(AccountAt("desk-1", "b", here=True))
    assert hall.engine.elsewhere == {"desk-1": "b"}
    hall.exchange.hear(AccountAt("desk-1", "b", here=False))
    assert hall.engine.elsewhere == {"desk-1": ""}
    hall.exchange.hear(AccountAt("desk-2", "main", here=True))
    assert "desk-2" not in hall.engine.elsewhere, "that is here"


async def test_a_page_lost_at_another_node_is_noticed_by_its_silence(hall: Hall) -> None:
    _caller, agent = await hall.talking()
    hall.engine.legs[hall.leg_of(agent)].media = False
    assert agent.username
    hall.exchange.hear(AccountAt(agent.username, "b", here=False))
    await settle(10)
    assert hall.talk.row.state is CallState.AGENT_LOST


async def test_pages_are_told_to_others_only_where_there_are_others(hall: Hall) -> None:
    agent = await hall.agent()
    assert hall.records.registered == []
    await hall.stop()
    hall.exchange = Exchange(hall.engine, hall.records, hall.flow, node="main", alone=False)
    hall.records.elsewhere = {"desk-far": "b", "desk-near": "main"}
    await hall.start()
    assert hall.engine.elsewhere == {"desk-far": "b"}
    assert agent.username
    hall.engine.register(agent.username)
    await settle()
    assert hall.records.registered == [(agent.username, True)]


async def test_wishes_and_offers_of_other_nodes_calls_are_left_alone(hall: Hall) -> None:
    caller, _agent = await hall.talking()
    other = next(iter(hall.records.talks))
    hall.exchange.tell(Wish(type(other)(int=1), Request.HANG_UP))
    await settle()
    assert caller in hall.engine.legs and hall.talk.row.state is CallState.TALKING
