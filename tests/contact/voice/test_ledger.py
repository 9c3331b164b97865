"""The real records of calls, on real PostgreSQL with real commits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any
from uuid import UUID

import pytest

from callcart.contact.conversations.models import Conversation, Recording, Step
from callcart.contact.routing import public as routing
from callcart.contact.voice.accounts import username_of
from callcart.contact.voice.engine import CallArrived
from callcart.contact.voice.ledger import Ledger
from callcart.contact.voice.models import Call, SoftphoneAccount
from callcart.contact.voice.records import CallRow, NoQueue, Offered
from callcart.contact.voice.states import CallState
from callcart.core.models import Event
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.models import Customer
from callcart.people.customers.public import create_customer
from callcart.people.tenants import directory
from callcart.people.tenants.models import Tenant
from callcart.people.tenants.public import add_service_number, update_tenant
from tests.contact.routing.floor import Floor, build
from tests.contact.voice.hall import Menu

HARBOR, QINGHE = "+12025550100", "+8657188880100"


class Speechless:
    def sounds(self, tenant_id: int, utterances: Any) -> list[str]:
        return [utterance.text for utterance in utterances]


@pytest.fixture
def shop(fresh_db: str) -> Iterator[Floor]:
    """The floor of `harbor`, with a service number that leads to the sales queue."""
    yield _shop("harbor", HARBOR)
    directory.forget()


@pytest.fixture
def other_shop(shop: Floor) -> Floor:
    return _shop("qinghe", QINGHE)


def _shop(slug: str, number: str) -> Floor:
    floor = build(Tenant.objects.get(slug=slug).id)
    with tenant_transaction(floor.tenant_id):
        add_service_number(floor.boss, number, name="Service", queue_id=floor.queues["sales"])
    directory.forget()
    return floor


def play(story: Callable[[Ledger], Coroutine[Any, Any, Any]]) -> Any:
    """Run a story with a ledger, on real time."""

    async def run() -> Any:
        ledger = Ledger(Menu(), Speechless(), threads=1)
        try:
            return await story(ledger)
        finally:
            await ledger._run(_disconnect)
            await ledger.close()

    return asyncio.run(run())


def _disconnect() -> None:
    from django.db import connections

    connections.close_all()


def opened(
    caller: str, *, dialled: str = HARBOR, hidden: bool = False, channel: str = "c1"
) -> CallRow | None:
    found: CallRow | None = play(lambda ledger: ledger.open(CallArrived(channel, dialled, caller, hidden)))
    return found


def customer(floor: Floor, phone: str, **details: Any) -> Customer:
    with tenant_transaction(floor.tenant_id):
        return create_customer(floor.boss, name="Mara Lindqvist", phone=phone, **details)


def record(floor: Floor, row: CallRow) -> Conversation:
    return floor.record(row.facts.conversation_id)


def call(floor: Floor, row: CallRow) -> Call:
    with tenant_transaction(floor.tenant_id):
        return Call.objects.get(conversation_id=row.facts.conversation_id)


def events(floor: Floor, kind: str) -> list[Event]:
    with tenant_transaction(floor.tenant_id):
        return list(Event.objects.filter(kind=kind).order_by("id"))


def _page(floor: Floor, staff_id: UUID) -> SoftphoneAccount:
    """A desk open in a browser: its account."""
    with tenant_transaction(floor.tenant_id):
        return SoftphoneAccount.objects.create(staff_id=staff_id)


# ---- who calls ----


@pytest.mark.parametrize("caller", ["+12125550142", "2125550142", "(212) 555-0142", "0012125550142"])
def test_a_known_number_in_any_form_is_the_customer(shop: Floor, caller: str) -> None:
    known = customer(shop, "+12125550142", language="zh-hans")
    row = opened(caller)
    assert row is not None
    assert (row.facts.caller_e164, row.facts.language) == ("+12125550142", "zh-hans")
    assert record(shop, row).customer_id == known.id


def test_an_unknown_number_has_no_customer(shop: Floor) -> None:
    row = opened("+12125550999")
    assert row is not None
    assert (row.facts.caller_e164, record(shop, row).customer_id) == ("+12125550999", None)


def test_a_number_of_two_customers_decides_for_neither(shop: Floor) -> None:
    customer(shop, "+12125550142")
    customer(shop, "+12125550142")
    row = opened("+12125550142")
    assert row is not None and record(shop, row).customer_id is None


@pytest.mark.parametrize("caller", ["anonymous", "", "sip:anonymous@anonymous.invalid"])
def test_a_hidden_number_is_empty(shop: Floor, caller: str) -> None:
    row = opened(caller)
    assert row is not None and row.facts.caller_e164 == ""


def test_a_number_marked_hidden_is_not_kept(shop: Floor) -> None:
    row = opened("+12125550142", hidden=True)
    assert row is not None
    assert (row.facts.caller_e164, record(shop, row).caller_raw) == ("", "anonymous")


@pytest.mark.parametrize("caller", ["not a number", "+", "\x00\x01", "9" * 5000, "‮+1212", "'; DROP TABLE"])
def test_a_malformed_number_opens_all_the_same(shop: Floor, caller: str) -> None:
    row = opened(caller)
    assert row is not None and row.facts.caller_e164 == ""
    assert len(record(shop, row).caller_raw) <= 80


def test_a_caller_from_abroad_is_the_customer_in_whatever_form_his_number_comes(shop: Floor) -> None:
    known = customer(shop, "+49 30 901820")
    forms = [
        "+4930901820",
        "004930901820",
        "0114930901820",
        "+004930901820",
        "sip:+4930901820@carrier.example",
    ]
    for channel, caller in enumerate(forms):
        row = opened(caller, channel=f"abroad-{channel}")
        assert row is not None and row.facts.caller_e164 == "+4930901820", caller
        assert record(shop, row).customer_id == known.id, caller


@pytest.mark.parametrize("dialled", [HARBOR, "12025550100", "0012025550100"])
def test_the_service_number_in_any_form(shop: Floor, dialled: str) -> None:
    row = opened("+12125550142", dialled=dialled)
    assert row is not None and row.facts.service_number == HARBOR


@pytest.mark.parametrize("dialled", ["", "s", "+", "+19995550000", "1" * 4000, "\x00"])
def test_a_number_nobody_has_opens_nothing(shop: Floor, dialled: str) -> None:
    assert opened("+12125550142", dialled=dialled) is None
    with tenant_transaction(shop.tenant_id):
        assert not Conversation.objects.exists() and not Call.objects.exists()


def test_the_dialled_number_decides_the_shop(shop: Floor, other_shop: Floor) -> None:
    customer(shop, "+8613800138000")
    row = opened("+8613800138000", dialled=QINGHE)
    assert row is not None and row.facts.tenant_id == other_shop.tenant_id
    assert record(other_shop, row).customer_id is None  # a customer of the other shop only
    with tenant_transaction(shop.tenant_id):
        assert not Conversation.objects.exists()


def test_opening_the_same_leg_twice_is_opening_once(shop: Floor) -> None:
    assert opened("+12125550142") == opened("+12125550142")
    with tenant_transaction(shop.tenant_id):
        assert Conversation.objects.count() == 1


def test_a_shop_that_does_not_record(shop: Floor) -> None:
    with tenant_transaction(shop.tenant_id):
        update_tenant(shop.boss, settings={"record_calls": False})
    row = opened("+12125550142")
    assert row is not None and not row.recorded


# ---- the way through ----


def test_a_whole_call_is_written_down(shop: Floor) -> None:
    agent = shop.agent()

    async def story(ledger: Ledger) -> CallRow:
        row = await ledger.open(CallArrived("c1", HARBOR, "+12125550142"))
        assert row is not None
        row = _with(row, state=CallState.MENU)
        await ledger.save(row, step="prompt.played", data={"text": "Welcome"})
        await ledger.use_language(row.facts, "zh-hans")
        offered = await ledger.enqueue(row, "en", "leg-1")
        assert offered is not None and offered.staff_id == agent
        assert await ledger.enqueue(row, "en", "leg-1") is None
        row = _with(row, state=CallState.TALKING, agent_staff_id=agent)
        assert await ledger.accept(row)
        assert not await ledger.accept(row)
        assert await ledger.finish(row, None) is None
        assert await ledger.finish(row, None) is None
        return row

    row = play(story)
    found = record(shop, row)
    assert (found.state, found.end_reason, found.agent_id, found.language) == (
        "wrap_up", "completed", agent, "zh-hans",
    )  # fmt: skip
    assert call(shop, row).ended_at is not None
    with tenant_transaction(shop.tenant_id):
        kinds = list(Step.objects.order_by("id").values_list("kind", flat=True))
        assert Recording.objects.count() == 1
    assert kinds == [
        "opened", "menu.entered", "prompt.played", "language.set", "queue.entered", "offer.made", "answered",
        "recording.started", "ended",
    ]  # fmt: skip
    assert [(each.data["state"], each.audience) for each in events(shop, "call.media")] == [("talk", "board")]


def test_an_agent_found_at_once_is_kept_as_being_dialled(shop: Floor) -> None:
    agent = shop.agent()
    account = _page(shop, agent)

    async def story(ledger: Ledger) -> tuple[CallRow, Offered | None]:
        row = await ledger.open(CallArrived("c1", HARBOR, "+12125550142"))
        assert row is not None
        row = _with(row, state=CallState.MENU, flow_state={"place": "menu"}, legs_dialled=2)
        return row, await ledger.enqueue(row, "en", "leg-3")

    row, offered = play(story)
    kept = call(shop, row)
    assert offered.username == username_of(account.id)
    assert (kept.state, kept.agent_channel, kept.legs_dialled) == ("ringing", "leg-3", 3)
    assert (kept.agent_staff_id, kept.offer_id) == (agent, offered.offer_id)
    assert kept.flow_state == {"place": "menu"}


def test_an_agent_without_a_page_is_offered_the_call_but_not_dialled(shop: Floor) -> None:
    agent = shop.agent()

    async def story(ledger: Ledger) -> tuple[CallRow, Offered | None]:
        row = await ledger.open(CallArrived("c1", HARBOR, "+12125550142"))
        assert row is not None
        return row, await ledger.enqueue(row, "en", "leg-1")

    row, offered = play(story)
    assert (offered.staff_id, offered.username) == (agent, None)
    assert (call(shop, row).state, call(shop, row).agent_channel) == ("new", "")


def test_the_language_is_a_skill_where_the_shop_knows_it(shop: Floor) -> None:
    shop.agent(skills=["lang:en"])
    chinese = shop.agent(skills=["lang:zh-hans"])

    async def story(ledger: Ledger) -> Offered | None:
        row = await ledger.open(CallArrived("c1", HARBOR, "+12125550142"))
        assert row is not None
        return await ledger.enqueue(row, "zh-hans", "leg-1")

    offered = play(story)
    assert offered.staff_id == chinese


def test_the_customers_own_agent_comes_first(shop: Floor) -> None:
    customer(shop, "+12125550142")
    mine = shop.agent(ready=False)

    async def talk(ledger: Ledger, channel: str) -> Offered | None:
        row = await ledger.open(CallArrived(channel, HARBOR, "+12125550142"))
        assert row is not None
        offered = await ledger.enqueue(row, "en", "leg-1")
        talk = _with(row, state=CallState.TALKING, agent_staff_id=offered and offered.staff_id)
        if offered is not None and await ledger.accept(talk):
            await ledger.finish(talk, None)
        return offered

    shop.ready(mine)
    assert play(lambda ledger: talk(ledger, "c1")).staff_id == mine
    other = shop.agent()  # idle longer than `mine`, who has just talked
    shop.ready(mine)
    assert play(lambda ledger: talk(ledger, "c2")).staff_id == mine
    assert shop.view(other).state == "ready"


def test_no_queue_in_use(shop: Floor) -> None:
    with tenant_transaction(shop.tenant_id):
        for queue_id in shop.queues.values():
            routing.update_queue(shop.boss, queue_id, is_active=False)

    async def story(ledger: Ledger) -> None:
        row = await ledger.open(CallArrived("c1", HARBOR, "+12125550142"))
        assert row is not None
        await ledger.enqueue(row, "en", "leg-1")

    with pytest.raises(NoQueue):
        play(story)


def test_hanging_up_in_the_menu(shop: Floor) -> None:
    row = opened("+12125550142")
    assert row is not None
    play(lambda ledger: ledger.finish(_with(row, state=CallState.MENU), "hung_up_in_menu"))
    found = record(shop, row)
    assert (found.state, found.end_reason) == ("closed", "hung_up_in_menu")


def test_an_ended_call_is_not_written_to(shop: Floor) -> None:
    row = opened("+12125550142")
    assert row is not None

    async def story(ledger: Ledger) -> list[CallRow]:
        await ledger.finish(row, "failed")
        await ledger.save(_with(row, state=CallState.WAITING))
        return await ledger.live()

    assert play(story) == []
    assert call(shop, row).state == CallState.ENDED


# ---- what a restarted process finds ----


def test_live_calls_over_all_shops_in_the_state_routing_confirms(shop: Floor, other_shop: Floor) -> None:
    agent = shop.agent()

    async def story(ledger: Ledger) -> tuple[list[CallRow], list[Offered]]:
        talking = await ledger.open(CallArrived("c1", HARBOR, "+12125550142"))
        menu = await ledger.open(CallArrived("c2", QINGHE, "+8613800138000"))
        assert talking is not None and menu is not None
        await ledger.save(_with(menu, state=CallState.MENU, flow_state={"place": "menu"}))
        await ledger.enqueue(talking, "en", "leg-1")
        offers = await ledger.live_offers()
        await ledger.accept(_with(talking, state=CallState.TALKING, agent_staff_id=agent))
        return await ledger.live(), offers

    rows, offers = play(story)
    by_channel = {row.customer_channel: row for row in rows}
    assert by_channel["c1"].state is CallState.TALKING
    assert by_channel["c1"].agent_staff_id == agent
    assert (by_channel["c2"].state, by_channel["c2"].flow_state) == (CallState.MENU, {"place": "menu"})
    assert by_channel["c2"].facts.tenant_id == other_shop.tenant_id
    assert [offer.staff_id for offer in offers] == [agent]


def test_another_shops_call_is_out_of_reach(shop: Floor, other_shop: Floor) -> None:
    row = opened("+12125550142")
    assert row is not None
    strange = _with(row, facts=_with(row.facts, tenant_id=other_shop.tenant_id), state=CallState.WAITING)
    play(lambda ledger: ledger.save(strange))
    play(lambda ledger: ledger.finish(strange, "failed"))
    assert call(shop, row).state == CallState.NEW
    assert record(shop, row).state == "new"


def test_the_database_goes_away_for_a_moment(shop: Floor) -> None:
    import psycopg

    from callcart.core.database import parameters

    async def story(ledger: Ledger) -> CallRow | None:
        first = await ledger.open(CallArrived("c1", HARBOR, "+12125550142"))
        assert first is not None
        await ledger.save(_with(first, state=CallState.MENU))
        with psycopg.connect(**parameters(), autocommit=True) as same_role:
            same_role.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = 'callcart_app'"
            )
        again = await ledger.open(CallArrived("c1", HARBOR, "+12125550142"))
        assert again is not None
        await ledger.save(_with(again, state=CallState.WAITING))
        return again

    row = play(story)
    assert call(shop, row).state == CallState.WAITING


def test_health_is_told_to_every_shop(shop: Floor, other_shop: Floor) -> None:
    from callcart.contact.voice.public import Telephones, telephones

    assert telephones() is Telephones.UNHEARD
    play(lambda ledger: ledger.tell_health(up=True))
    assert telephones() is Telephones.UP
    play(lambda ledger: ledger.tell_health(up=False))
    assert telephones() is Telephones.LOST
    for floor in (shop, other_shop):
        assert [each.data["up"] for each in events(floor, "telephony.state")] == [True, False]


def _with(value: Any, **changes: Any) -> Any:
    from dataclasses import replace

    return replace(value, **changes)
