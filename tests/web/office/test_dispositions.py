"""Call outcomes in the office: two levels, free digits offered, two people at once, on and off."""

from __future__ import annotations

import pytest

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Disposition
from callcart.contact.conversations.public import DispositionDraft
from tests.web.office.office import Office, field_error, words


@pytest.fixture
def top(office: Office) -> Disposition:
    return conversations.add_disposition(office.boss, DispositionDraft("order", "Order", 1, "订单"))


def test_two_levels_are_made_and_the_next_free_digit_is_offered(office: Office, top: Disposition) -> None:
    client = office.client("supervisor")
    fresh = client.get(f"/office/outcomes/new?under={top.id}").content.decode()
    assert '<option value="1" selected>' in fresh and f'value="{top.id}" selected' in fresh
    client.post(
        "/office/outcomes/new",
        {"code": "order.new", "name": "New order", "name_zh": "下单", "key": "1", "parent": str(top.id)},
    )
    leaf = Disposition.objects.get(code="order.new")
    assert (leaf.parent_id, leaf.key, leaf.name_zh) == (top.id, 1, "下单")
    assert (
        '<option value="2" selected>' in client.get(f"/office/outcomes/new?under={top.id}").content.decode()
    )
    said = words(client.get("/office/outcomes"))
    assert "1 Order order In use" in said and "1 1 New order order.new In use" in said
    assert "订单" in words(office.client("supervisor", language="zh-hans").get("/office/outcomes"))


def test_all_that_is_wrong_is_said_at_once_and_stays_typed(office: Office, top: Disposition) -> None:
    client = office.client("supervisor")
    answer = client.post("/office/outcomes/new", {"code": "", "name": "n" * 101, "key": "0"})
    assert answer.status_code == 422
    for name in ("code", "name", "key"):
        assert field_error(answer, name), name
    taken = client.post("/office/outcomes/new", {"code": "more", "name": "More", "key": "1"})
    assert "taken on this level" in field_error(taken, "key") and 'value="More"' in taken.content.decode()
    assert Disposition.objects.count() == 1


def test_the_second_person_is_told(office: Office, top: Disposition) -> None:
    conversations.change_disposition(office.boss, top.id, DispositionDraft("order", "First", 1), version=1)
    client = office.client("supervisor")
    late = client.post(f"/office/outcomes/{top.id}", {"name": "Second", "key": "3", "version": "1"})
    assert late.status_code == 409 and "What you typed is kept below" in words(late)
    assert client.post(f"/office/outcomes/{top.id}/switch", {"on": "0", "version": "1"}).status_code == 409
    top.refresh_from_db()
    assert (top.name, top.key, top.is_active) == ("First", 1, True)


def test_off_and_on_again(office: Office, top: Disposition) -> None:
    client = office.client("supervisor")
    leaf = conversations.add_disposition(
        office.boss, DispositionDraft("order.new", "New", 1, parent_id=top.id)
    )
    client.post(f"/office/outcomes/{top.id}/switch", {"on": "0", "version": "1"})
    assert list(Disposition.objects.filter(is_active=True)) == []
    # Edited while the choice above it is out of use, it stays under that one.
    client.post(
        f"/office/outcomes/{leaf.id}",
        {"name": "Newer", "key": "1", "parent": str(top.id), "version": "2"},
    )
    leaf.refresh_from_db()
    assert (leaf.name, leaf.parent_id) == ("Newer", top.id)
    refused = client.post(f"/office/outcomes/{leaf.id}/switch", {"on": "1", "version": "3"})
    assert refused.status_code == 422 and "put that one back first" in words(refused)
    client.post(f"/office/outcomes/{top.id}/switch", {"on": "1", "version": "2"})
    assert list(Disposition.objects.filter(is_active=True)) == [top]


def test_agents_are_kept_out(office: Office, top: Disposition) -> None:
    client = office.client("agent")
    assert client.get("/office/outcomes").status_code == 403
    assert client.post(f"/office/outcomes/{top.id}/switch", {"on": "0", "version": "1"}).status_code == 403
    top.refresh_from_db()
    assert top.is_active
