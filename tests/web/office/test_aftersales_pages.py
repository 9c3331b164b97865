"""Returns in the office as staff work them: taken in from the order, decided, received by scan, inspected, settled; every refusal
at its field, and what a role may not do is not there."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from PIL import Image

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.models import Case, TimeRule, Warranty
from callcart.commerce.catalog.public import CategoryDraft, create_category
from callcart.commerce.payments.public import Refund
from callcart.people.approvals.public import Approval
from tests.commerce.aftersales.counter import Counter
from tests.web.office.office import Office


@pytest.fixture
def counter(office: Office) -> Counter:
    office.shop.goods("A", price=1000, west=50)
    return Counter(office.shop)


def png() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(out, "PNG")
    out.seek(0)
    out.name = "a.png"
    return out


def at(case: Case, verb: str = "") -> str:
    return f"/office/returns/{case.id}" + (f"/{verb}" if verb else "")


def send(client: Client, case: Case, verb: str, **values: object) -> object:
    case.refresh_from_db()
    return client.post(at(case, verb), {"version": case.version, **values})


def test_from_the_order_to_the_refund(office: Office, counter: Counter) -> None:
    order = counter.delivered(("A", 3))
    line = order.lines.get()
    agent, boss = office.client("agent"), office.client("supervisor")
    assert f"/office/orders/{order.id}/return" in agent.get(f"/office/orders/{order.id}").content.decode()
    form = {
        "kind": "return",
        "key": "one",
        "reason": "faulty",
        "text": "<b>broken</b>",
        f"units-{line.id}": "2",
    }
    made = agent.post(f"/office/orders/{order.id}/return", {**form, "pictures": [png()]})
    assert made.status_code == 303
    case = Case.objects.get()
    page = agent.get(at(case)).content.decode()
    assert "&lt;b&gt;broken&lt;/b&gt;" in page and "Somebody has to decide." in page
    picture = agent.get(f"{at(case)}/pictures/{case.pictures.get().id}?form=thumb")
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/webp")
    assert agent.post(at(case, "approve"), {"version": 1}).status_code == 403
    assert send(boss, case, "approve").status_code == 303
    assert boss.get(at(case, "slip"))["Content-Type"] == "application/pdf"
    ware = office.client("warehouse")
    found = ware.post("/office/returns/scan", {"code": case.number})
    assert found["Location"] == at(case)
    row = case.lines.get()
    place = str(office.shop.warehouses["west"].id)
    assert send(ware, case, "receive", **{f"units-{row.id}": "2", "warehouse": place}).status_code == 303
    assert "Save inspection" in ware.get(at(case)).content.decode()
    sent = {f"found-{row.id}-restock": "1", f"found-{row.id}-damaged": "1", f"remedy-{row.id}": "refund"}
    assert send(ware, case, "inspect", **sent).status_code == 303
    fin = office.client("finance")
    assert "Proposed refund" in fin.get(at(case)).content.decode()
    assert send(fin, case, "settle", fee="0", delivery="", to="").status_code == 303
    case.refresh_from_db()
    assert [row.amount_minor for row in Refund.objects.all()] == [case.refund_minor] == [2333]
    assert send(ware, case, "costs", kind="freight", amount="4.50", key="c1").status_code == 303
    assert case.costs.filter(kind="freight").get().amount_minor == 450
    for role in ("agent", "warehouse", "finance", "owner"):
        assert office.client(role, language="zh-hans").get(at(case)).status_code == 200
    assert case.number[:3] in fin.get(f"/office/orders/{order.id}").content.decode().replace("\xa0", "")


def test_wrong_values_come_back_at_their_fields(office: Office, counter: Counter) -> None:
    order = counter.delivered(("A", 1))
    line = order.lines.get()
    boss = office.client("owner")
    for units in ("2", "-1", "1.5", "x", "9" * 30):
        form = {
            "kind": "return",
            "key": f"k{units}",
            "reason": "other",
            f"units-{line.id}": units,
            "text": "kept",
        }
        answer = boss.post(f"/office/orders/{order.id}/return", form)
        assert answer.status_code == 422
        assert "Give a quantity from 1 to 1." in answer.content.decode() and "kept" in answer.content.decode()
    none = boss.post(f"/office/orders/{order.id}/return", {"kind": "return", "key": "k", "reason": "other"})
    assert "Choose at least one product." in none.content.decode()
    no_picture = io.BytesIO(b"%PDF-1.4 not a picture")
    no_picture.name = "a.png"
    form = {
        "kind": "return",
        "key": "p",
        "reason": "other",
        f"units-{line.id}": "1",
        "pictures": [no_picture],
    }
    assert boss.post(f"/office/orders/{order.id}/return", form).status_code == 422
    assert not Case.objects.exists()
    case = counter.received(order, 1)
    row = case.lines.get()
    answer = send(boss, case, "inspect", **{f"found-{row.id}-restock": "2", f"remedy-{row.id}": "refund"})
    assert (answer.status_code, "2 of 1 were looked at." in answer.content.decode()) == (422, True)
    case = counter.inspect(case)
    answer = send(boss, case, "settle", fee="11.00", delivery="abc")
    assert answer.status_code == 422
    assert "At most what is given back for the goods." in answer.content.decode()
    assert boss.post(at(case, "settle"), {"version": 1}).status_code == 409
    assert not Refund.objects.exists()


def test_lists_by_what_they_wait_for(office: Office, counter: Counter) -> None:
    asked = counter.ask(counter.delivered(("A", 1)), 1)
    waiting = counter.accepted(counter.delivered(("A", 1)), 1)
    client = office.client("owner")
    for query, shown, hidden in (
        ("waits=us", asked, waiting), ("waits=goods", waiting, asked), (f"q={asked.number}", asked, waiting),
        ("state=waiting&kind=return", waiting, asked),
    ):  # fmt: skip
        page = client.get(f"/office/returns?{query}").content.decode()
        assert at(shown) in page and at(hidden) not in page
    assert at(asked) not in client.get("/office/returns?late=1").content.decode()
    assert client.get("/office/returns?after=rubbish&state=no").status_code == 200
    unknown = client.post("/office/returns/scan", {"code": "<x>"})
    assert (unknown.status_code, "&lt;x&gt;" in unknown.content.decode()) == (404, True)
    assert office.client("marketing").get("/office/returns").status_code == 403


def test_above_the_limit_the_page_offers_to_ask(office: Office, counter: Counter) -> None:
    case = counter.ask(counter.delivered(("A", 1)), 1)
    low = office.narrowed("supervisor", aftersales__approve={"limit": 500})
    page = send(low, case, "approve").content.decode()
    assert "Ask for approval" in page
    assert send(low, case, "approve", ask="1", why="a regular").status_code == 303
    assert Approval.objects.get().subject_id == case.id
    assert "a regular" in low.get(at(case)).content.decode()


def test_refused_withdrawn_and_sent_back(office: Office, counter: Counter) -> None:
    boss = office.client("owner")
    case = counter.ask(counter.delivered(("A", 1)), 1)
    assert send(boss, case, "refuse", answer="").status_code == 422
    assert send(boss, case, "refuse", answer="worn").status_code == 303
    case = counter.accepted(counter.delivered(("A", 1)), 1)
    assert send(boss, case, "sent", carrier="Post", tracking="RR1").status_code == 303
    assert send(boss, case, "cancel", reason="kept").status_code == 303
    case = counter.settle(counter.inspect(counter.received(counter.delivered(("A", 1)), 1), "send_back", ""))
    assert send(boss, case, "send-back", carrier="", cost="x").status_code == 422
    assert send(boss, case, "send-back", carrier="Post", tracking="T9", cost="3").status_code == 303
    case.refresh_from_db()
    assert (case.state, case.back_tracking) == ("closed", "T9")


def test_rules_are_typed_and_read_back(office: Office) -> None:
    food = create_category(office.boss, CategoryDraft(name="Food", slug="food"))
    office.shop.goods("A", west=1)
    boss = office.client("owner")
    form = {
        "version": "1", "auto_below": "20", "auto_tiers": ["gold"], "fee": "7.5", "carriage": "fault", "wait_days": "10",
        "address": "1 Pine Street", "days.return.all": "30", f"days.return.{food.id}": "-", "days.claim.all": "60",
    }  # fmt: skip
    assert boss.post("/office/returns/rules", form).status_code == 303
    rules = aftersales.rules_of()
    assert (rules.auto_below_minor, rules.auto_tiers, rules.fee_bp, rules.wait_days) == (
        2000,
        ["gold"],
        750,
        10,
    )
    assert TimeRule.objects.get(kind="return", category=food).days is None
    assert boss.get("/office/returns/rules").status_code == 200
    bad = boss.post(
        "/office/returns/rules",
        {**form, "version": "2", "fee": "x", "wait_days": "-3", "auto_below": "1.234"},
    )
    assert bad.status_code == 422 and bad.content.decode().count('class="field-error"') >= 3
    assert boss.post("/office/returns/warranty", {"code": "A", "months": "24"}).status_code == 303
    assert Warranty.objects.get().months == 24
    assert boss.post("/office/returns/warranty", {"code": "none", "months": "24"}).status_code == 422
    assert office.client("agent").get("/office/returns/rules").status_code == 403
