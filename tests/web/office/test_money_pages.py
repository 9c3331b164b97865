"""Money's pages: every list in both languages, what a clerk does on each, and what others may not."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from callcart.commerce.orders.public import Order, cancel_order
from callcart.commerce.payments import finance
from callcart.commerce.payments.cash import record_collected
from callcart.commerce.payments.models import (
    Payment,
    Receipt,
    Refund,
    RemittanceLine,
    StatementLine,
    TillDay,
)
from callcart.core.clock import today
from callcart.core.ids import new_id
from callcart.core.models import Event
from callcart.core.money import Money
from callcart.people.tasks.models import Task
from callcart.web.office.money.amounts import read_amount
from tests.web.office.office import Office, field_error, grouped, hidden, words

PAGES = (
    "receipts",
    "receipts/new",
    "unpaid",
    "statements",
    "statements/new",
    "carriers",
    "carriers/new",
    "refunds",
    "settlement",
)


def _prepaid(office: Office) -> Order:
    return office.order(delivery_method="ground", payment_method="prepaid")  # 20.00 and 5.00 for delivery


def _receive(office: Office, order: Order, minor: int, **values: Any) -> Receipt:
    return finance.receive(
        office.boss, order_id=order.id, method="cash", amount=Money(minor, "USD"), idempotency_key=str(new_id()), **values
    )  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_is_there_empty_and_full(office: Office, language: str) -> None:
    client = office.client("finance", language=language)
    for name in PAGES:
        assert client.get(f"/office/money/{name}").status_code == 200, name
    order = _prepaid(office)
    _receive(office, order, 9900)
    _prepaid(office)
    for name in (*PAGES, *(f"refunds?which={each}" for each in ("due", "failed", "sent", "done"))):
        assert client.get(f"/office/money/{name}").status_code == 200, name
    for kind in ("csv", "xlsx"):
        assert client.get(f"/office/money/receipts?export={kind}").status_code == 200
        assert client.get(f"/office/money/settlement?export={kind}").status_code == 200


def test_chinese_says_refunded_and_not_released(office: Office) -> None:
    page = office.client("finance", language="zh-hans").get("/office/money/refunds").content.decode()
    assert "已退款" in page and "释放占用" not in page  # the latter is stock that is no longer held


def test_agents_and_the_warehouse_do_not_touch_money(office: Office) -> None:
    order = _prepaid(office)
    for role in ("agent", "warehouse", "marketing"):
        client = office.client(role)
        for path, values in (
            (
                "receipts/new",
                {"order": order.number, "save": "1", "amount": "25", "method": "cash", "key": "k"},
            ),
            ("statements/certain", {}),
            ("settlement/act", {"step": "close"}),
        ):
            assert client.post(f"/office/money/{path}", values).status_code == 403, (role, path)
    assert not Receipt.objects.exists()


def test_a_receipt_is_written_by_keyboard_and_says_what_it_did(office: Office) -> None:
    order, client = _prepaid(office), office.client("finance")
    shown = client.get(f"/office/money/receipts/new?order={grouped(order.number)}")
    assert 'value="25.00"' in shown.content.decode()
    values = {
        "order": order.number,
        "save": "1",
        "key": hidden(shown, "key"),
        "method": "bank_transfer",
        "amount": "２５，5",
    }
    refused = client.post("/office/money/receipts/new", values)
    assert refused.status_code == 422
    assert field_error(refused, "reference")
    assert not Receipt.objects.exists()
    values |= {"reference": "T1"}
    assert client.post("/office/money/receipts/new", values).status_code == 303
    assert client.post("/office/money/receipts/new", values).status_code == 303
    receipt = Receipt.objects.get()
    assert (receipt.amount_minor, receipt.received_by) == (2550, office.staff["finance"].id)
    assert Refund.objects.get().amount_minor == 50
    listed = words(client.get("/office/money/receipts"))
    assert grouped(receipt.number) in listed and "$25.50" in listed


def test_all_that_is_wrong_is_said_at_once(office: Office) -> None:
    order, client = _prepaid(office), office.client("finance")
    values = {
        "order": order.number,
        "save": "1",
        "key": "k",
        "method": "barter",
        "amount": "1.234",
        "day": "yesterday",
    }
    refused = client.post("/office/money/receipts/new", values)
    assert all(field_error(refused, name) for name in ("amount", "day"))
    unknown = client.post("/office/money/receipts/new", values | {"order": "1"})
    assert field_error(unknown, "order")


@pytest.mark.parametrize(
    ("text", "minor"),
    [("12.50", 1250), ("12,50", 1250), ("1,234.5", 123450), ("1.234,50", 123450), ("1,234", 123400), ("１２。５", 1250),
     ("1.234.567", 123456700), (" 7 ", 700), ("-3,2", -320)],
)  # fmt: skip
def test_amounts_are_read_with_either_sign(text: str, minor: int) -> None:
    assert read_amount(text, "USD").minor == minor


def test_a_receipt_is_voided_with_a_reason(office: Office) -> None:
    order, client = _prepaid(office), office.client("finance")
    receipt = _receive(office, order, 2500)
    refused = client.post(f"/office/money/receipts/{receipt.id}/void", {"reason": ""})
    assert field_error(refused, "reason") and "data-now" in refused.content.decode()
    assert (
        client.post(f"/office/money/receipts/{receipt.id}/void", {"reason": "typed twice"}).status_code == 303
    )
    assert Payment.objects.get(order_id=order.id).captured_minor == 0


def test_unpaid_orders_are_called_asked_and_promised(office: Office) -> None:
    one, two = _prepaid(office), _prepaid(office)
    client = office.client("finance")
    shown = words(client.get("/office/money/unpaid"))
    assert grouped(one.number) in shown and "$25.00" in shown
    answer = client.post(
        "/office/money/unpaid/act", {"act": "call", "order": [str(one.id), str(two.id), "x"]}
    )
    assert answer.status_code == 303
    assert Task.objects.filter(kind="collect").count() == 2
    client.post("/office/money/unpaid/act", {"act": "link", "order": [str(one.id)]})
    assert Event.objects.filter(kind="payments.link_wanted").count() == 1
    refused = client.post(f"/office/money/unpaid/{one.id}/promise", {"on": "2001-01-01"})
    assert field_error(refused, "on")
    day = today("America/New_York").isoformat()
    assert (
        client.post(f"/office/money/unpaid/{one.id}/promise", {"on": day, "note": "tonight"}).status_code
        == 303
    )
    assert grouped(one.number) in words(client.get("/office/money/unpaid?promised=yes&least=25&most=25,00"))
    assert grouped(two.number) not in words(client.get("/office/money/unpaid?promised=yes"))


def _upload(text: str, name: str = "s.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode("gb18030"))


def test_a_statement_is_taken_in_and_booked(office: Office) -> None:
    order, client = _prepaid(office), office.client("finance")
    text = (
        f"交易日期,收入,对方户名,摘要\n2026-11-02,25.00,Ada,订单{order.number}\n2026-11-03,7.00,王小明,谢谢\n"
    )
    shown = client.post("/office/money/statements/new", {"account": "Bank", "file": _upload(text)})
    assert shown.status_code == 200 and "交易日期" in shown.content.decode()
    values = {
        "file_key": hidden(shown, "file_key"),
        "file_name": "s.csv",
        "account": "Bank",
        "take": "1",
        "decimal": ".",
    }
    refused = client.post("/office/money/statements/new", values)
    assert field_error(refused, "col_day") and "交易日期" in refused.content.decode()
    values |= {"col_day": "交易日期", "col_credit": "收入", "col_payer": "对方户名", "col_text": "摘要"}
    assert client.post("/office/money/statements/new", values).status_code == 303
    listed = words(client.get("/office/money/statements"))
    assert "Certain" in listed and grouped(order.number) in listed and "王小明" in listed
    assert client.post("/office/money/statements/certain").status_code == 303
    assert Payment.objects.get(order_id=order.id).captured_minor == 2500
    unclear = StatementLine.objects.get(state="open")
    where = f"/office/money/statements/lines/{unclear.id}"
    refused = client.post(where, {"step": "book", "order": "1"})
    assert field_error(refused, "order") and "data-now" in refused.content.decode()
    assert field_error(client.post(where, {"step": "aside", "note": ""}), "note")
    assert client.post(where, {"step": "back", "note": "no order"}).status_code == 303
    assert client.post(where, {"step": "sent", "reference": "T9"}).status_code == 303
    assert StatementLine.objects.get(id=unclear.id).state == "returned"
    again = client.post("/office/money/statements/new", {"account": "Bank", "file": _upload(text)})
    assert again.status_code == 409 and "taken in before" in words(again)


def test_a_key_of_another_file_is_not_read(office: Office) -> None:
    client = office.client("finance")
    for key in ("recording/ab/" + "a" * 64, "moneyfile/../../etc/passwd", "moneyfile/aa/" + "a" * 64):
        assert (
            client.post(
                "/office/money/statements/new", {"file_key": key, "account": "B", "take": "1"}
            ).status_code
            == 404
        )


def test_a_carriers_file_is_reconciled(office: Office) -> None:
    one, two = office.order(), office.order()
    for order in (one, two):
        record_collected(office.boss, order.id, carrier="fast")
    client = office.client("finance")
    assert "$50.00" in words(client.get("/office/money/carriers"))
    text = f"Tracking,COD amount,Fee\n{one.number},25.00,0.50\n{two.number},24.99,0.50\nZZZ,1.00,\n"
    shown = client.post("/office/money/carriers/new", {"account": "fast", "file": _upload(text)})
    values = {
        "file_key": hidden(shown, "file_key"), "file_name": "c.csv", "account": "fast", "take": "1", "reference": "R7",
        "col_number": "Tracking", "col_amount": "COD amount", "col_fee": "Fee", "decimal": ".",
    }  # fmt: skip
    answer = client.post("/office/money/carriers/new", values)
    assert answer.status_code == 303
    where = answer["Location"]
    listed = words(client.get(where))
    assert "As expected" in listed and "Unknown number" in listed and "$0.01" in listed
    assert client.post(f"{where}/book").status_code == 303
    differs, unknown = (
        RemittanceLine.objects.get(state="differs"),
        RemittanceLine.objects.get(state="unknown"),
    )
    assert field_error(
        client.post(f"{where}/{differs.id}", {"step": "explain", "kind": "fee", "reason": ""}), "reason"
    )
    values = {"step": "explain", "kind": "rounding", "reason": "coins"}
    assert client.post(f"{where}/{differs.id}", values).status_code == 303
    assert field_error(client.post(f"{where}/{unknown.id}", {"step": "assign", "order": "12"}), "order")
    assert client.post(f"{where}/{unknown.id}", {"step": "drop", "reason": "not ours"}).status_code == 303
    assert [Payment.objects.get(order_id=each.id).state for each in (one, two)] == ["remitted", "remitted"]


def test_refunds_are_decided_and_paid_out(office: Office) -> None:
    order, client = _prepaid(office), office.client("finance")
    _receive(office, order, 2500, payer="Ada")
    cancel_order(office.boss, order.id, reason="x", version=1)
    row = Refund.objects.get()
    assert grouped(order.number) in words(client.get("/office/money/refunds?which=due"))
    assert client.post(f"/office/money/refunds/{row.id}/send", {"to": "bank_transfer"}).status_code == 303
    assert field_error(client.post(f"/office/money/refunds/{row.id}/done", {"reference": ""}), "reference")
    assert client.post(f"/office/money/refunds/{row.id}/done", {"reference": "T4"}).status_code == 303
    row.refresh_from_db()
    assert (row.state, row.way, row.reference) == ("done", "bank_transfer", "T4")
    assert "T4" in words(client.get("/office/money/refunds?which=done"))
    assert (
        office.client("agent").post(f"/office/money/refunds/{row.id}/done", {"reference": "x"}).status_code
        == 403
    )


def test_a_till_is_counted_explained_and_closed(office: Office) -> None:
    order, client = _prepaid(office), office.client("finance")
    client.post(
        "/office/money/receipts/new",
        {"order": order.number, "save": "1", "key": "k", "method": "cash", "amount": "25"},
    )
    assert "Finance Example" in words(client.get("/office/money/settlement"))
    day = today("America/New_York").isoformat()
    which = {
        "till_kind": "person", "holder": str(office.staff["finance"].id), "currency": "USD", "day": day,
    }  # fmt: skip
    where = "/office/money/settlement/act"
    assert field_error(client.post(where, which | {"step": "count", "counted": "many"}), "counted")
    assert client.post(where, which | {"step": "count", "counted": "24,90"}).status_code == 303
    assert client.post(where, which | {"step": "close"}).status_code == 409
    assert field_error(
        client.post(where, which | {"step": "explain", "amount": "-0.10", "kind": "miscount"}), "reason"
    )
    values = {"step": "explain", "amount": "-0.10", "kind": "miscount", "reason": "a dime"}
    assert client.post(where, which | values).status_code == 303
    assert client.post(where, which | {"step": "close"}).status_code == 303
    closed = TillDay.objects.get()
    assert (closed.expected_minor, closed.counted_minor, closed.closed_by_name) == (
        2500,
        2490,
        "Finance Example",
    )
    assert client.post(where, which | {"step": "count", "counted": "1"}).status_code == 409
    for wrong in ({"till_kind": "x"}, {"day": "x"}, {"currency": "x"}, {"step": "x"}):
        assert client.post(where, which | {"step": "close"} | wrong).status_code == 404


def test_a_payout_file_counts_a_gateways_day(office: Office) -> None:
    order, client = _prepaid(office), office.client("finance")
    finance.receive(
        office.boss, order_id=order.id, method="gateway", amount=Money(2500, "USD"), reference="p1", holder="demo",
        idempotency_key="g",
    )  # fmt: skip
    where, day = "/office/money/settlement/payout", today("America/New_York").isoformat()
    assert "Payout file" in words(client.get("/office/money/settlement"))
    shown = client.post(
        where, {"account": "demo", "day": day, "file": _upload("Ref,Amount,Fee\np1,25.00,0.75\n")}
    )
    values = {
        "file_key": hidden(shown, "file_key"),
        "file_name": "p.csv",
        "account": "demo",
        "day": day,
        "take": "1",
    }
    values |= {"col_reference": "Ref", "col_amount": "Amount", "col_fee": "Fee", "decimal": "."}
    assert client.post(where, values).status_code == 303
    listed = words(client.get("/office/money/settlement"))
    assert "$24.25" in listed and "Ready to close" in listed
    assert field_error(client.post(where, {"account": "demo", "day": day}), "file")
