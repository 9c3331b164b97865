"""Messages in the office: what was sent, dead ones sent again, texts written with a preview, and where orders and customers show
what they were told."""

from __future__ import annotations

import pytest

from callcart.core.clock import now
from callcart.engage.notices import public as notices
from callcart.engage.notices.models import Notice, Template
from tests.web.office.office import Office, field_error, words

TEXT = "/office/work/messages/texts/dispatched/sms/en"


def written(office: Office, **more: object) -> Notice:
    facts = {
        "key": "k", "kind": "dispatched", "medium": "sms", "language": "en", "address": "+12125550142",
        "text": "Your order is on its way", "made_at": now(), "state": "sent", "sent_at": now(),
    }  # fmt: skip
    return Notice.objects.create(**(facts | more))


def test_what_was_sent_is_listed_with_its_number_masked(office: Office) -> None:
    order = office.order()
    written(office, order_id=order.id)
    page = office.client("agent").get("/office/work/messages")
    said = words(page)
    assert "Sent out" in said and "Your order is on its way" in said and "****0142" in said
    assert "2125550142" not in page.content.decode() and f"/office/orders/{order.id}" in page.content.decode()
    assert "No message fits" in words(office.client("agent").get("/office/work/messages?kind=delivered"))
    assert office.client("warehouse").get("/office/work/messages").status_code == 403


def test_dead_ones_are_ticked_and_sent_again(office: Office) -> None:
    row = written(office, state="dead", sent_at=None, failure="too_late")
    sent = written(office, key="other")
    agent, boss = office.client("agent"), office.client("supervisor")
    assert 'name="id"' not in agent.get("/office/work/messages").content.decode()
    assert agent.post("/office/work/messages/again", {"id": str(row.id)}).status_code == 403
    page = boss.get("/office/work/messages").content.decode()
    assert page.count('name="id"') == 1 and "out of date" in page
    boss.post("/office/work/messages/again", {"id": [str(row.id), str(sent.id), "nonsense"]})
    assert Notice.objects.get(id=row.id).state == "dead", "one of them was sent: none is sent again"
    assert boss.post("/office/work/messages/again", {"id": str(row.id)}).status_code == 303
    assert Notice.objects.get(id=row.id).state == "waiting"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Off it goes", "The text has to say {number}."),
        ("{number} with {carier}", "There is no field {carier} here."),
        ("", "Please fill this in."),
        ("{number}" + "x" * 600, "At most 600 characters."),
    ],
)
def test_a_text_that_cannot_be_filled_is_refused_by_name(office: Office, body: str, said: str) -> None:
    refused = office.client("supervisor").post(TEXT, {"body": body})
    assert (refused.status_code, field_error(refused, "body")) == (422, said)
    assert not Template.objects.exists()
    if body:
        assert body[:20] in words(refused), "what was typed is still there"


def test_a_text_is_shown_kept_and_taken_back(office: Office) -> None:
    client = office.client("supervisor")
    shown = words(client.post(f"{TEXT}/preview", {"body": "Off it goes: {number} {link}"}))
    assert "Off it goes: 10427" in shown and "one SMS" in shown
    assert "There is no field {nope} here." in words(
        client.post(f"{TEXT}/preview", {"body": "{number} {nope}"})
    )
    assert not Template.objects.exists()
    assert client.post(TEXT, {"body": "Off it goes: {number}"}).status_code == 303
    assert notices.wording("dispatched", notices.Medium.SMS, "en").body == "Off it goes: {number}"
    assert "your own" in words(client.get("/office/work/messages/texts"))
    client.post(TEXT, {"reset": "1"})
    assert not Template.objects.exists()


def test_an_html_text_is_text(office: Office) -> None:
    client = office.client("supervisor")
    client.post(TEXT, {"body": "<script>x</script> {number}"})
    assert "<script>x</script>" not in client.get(TEXT).content.decode()


def test_chinese_is_counted_as_chinese(office: Office) -> None:
    answer = office.client("supervisor").post(f"{TEXT}/preview", {"body": "订单{number}" + "好" * 66})
    assert "2 SMS" in words(answer) and "counted as Chinese" in words(answer)


def test_how_a_kind_goes_is_chosen(office: Office) -> None:
    client = office.client("supervisor")
    assert client.post("/office/work/messages/texts", {"kind": "delivered", "way": "off"}).status_code == 303
    assert notices.ways()["delivered"] == "off"
    assert (
        client.post("/office/work/messages/texts", {"kind": "delivered", "way": "pigeon"}).status_code == 422
    )
    assert client.post("/office/work/messages/texts", {"kind": "nothing", "way": "off"}).status_code == 404
    assert office.client("agent").get("/office/work/messages/texts").status_code == 403
    assert notices.ways()["delivered"] == "off"


@pytest.mark.parametrize("end", ["nothing/sms/en", "delivered/pigeon/en", "delivered/sms/fr"])
def test_there_is_no_such_text(office: Office, end: str) -> None:
    client = office.client("supervisor")
    assert client.get(f"/office/work/messages/texts/{end}").status_code == 404
    assert client.post(f"/office/work/messages/texts/{end}/preview").status_code == 404


def test_orders_and_customers_show_what_was_told(office: Office) -> None:
    customer = office.customer()
    order = office.order(customer_id=customer.id)
    client = office.client("agent")
    assert "What the customer was told" not in words(client.get(f"/office/orders/{order.id}"))
    written(office, order_id=order.id, customer_id=customer.id)
    assert "Your order is on its way" in words(client.get(f"/office/orders/{order.id}"))
    assert "Your order is on its way" in words(client.get(f"/office/customers/{customer.id}"))
    assert "on its way" not in words(office.client("warehouse").get(f"/office/orders/{order.id}"))
