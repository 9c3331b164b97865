"""A real marketplace's export, three files joined by order id, imported by the product's own screen and command: what stands in the
database afterwards is what stands in the files, by month, state and way of payment."""

from __future__ import annotations

import csv
import os
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum

from callcart.commerce.orders.models import Line, Order
from callcart.commerce.payments.models import Instalment, Payment, Receipt
from callcart.commerce.shipping.models import ParcelEvent
from callcart.core import integrity
from callcart.core.database import raw
from callcart.core.exchange import public as exchange
from tests.commerce.shop import Shop
from tests.core.exchange.importing import PLACE, check, work

DATA = Path(os.environ.get("CALLCART_TEST_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")
FILES = ("olist_orders.csv", "olist_order_items.csv", "olist_payments.csv")
STATES = {
    "delivered": "closed",
    "shipped": "confirmed",
    "invoiced": "confirmed",
    "processing": "confirmed",
    "canceled": "cancelled",
}
WAYS = {"boleto": "boleto", "credit_card": "credit_card", "debit_card": "debit_card", "voucher": "voucher"}

pytestmark = pytest.mark.skipif(
    not all((DATA / name).exists() for name in FILES),
    reason=f"no real data in {DATA}: set CALLCART_TEST_DATA to the folder that holds {', '.join(FILES)}",
)


def read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def minor(text: str) -> int:
    return int(Decimal(text) * 100)


def day(text: str) -> datetime:
    return datetime.strptime(text, "%m/%d/%Y %H:%M")


def test_the_files_and_the_shop_agree(shop: Shop) -> None:
    begun = exchange.begin(
        shop.boss, kind="orders", paths=[(name, DATA / name) for name in FILES], place=PLACE
    )
    assert [table["sheet"] for table in begun.tables] == ["orders", "items", "payments"]
    assert begun.style == {"date_order": "mdy", "decimal": "."}
    found = check(shop.boss, begun)
    assert (found.units, found.made, found.refused, found.wrong_rows) == (855, 855, 0, 0)
    exchange.start(shop.boss, found.id, mode="all")
    assert work(found).state == "done", found.problem
    _orders_agree()
    _money_agrees()
    _parcels_agree()
    for label in ("orders", "payments", "inventory"):
        assert integrity.find_in(label) == []


def _orders_agree() -> None:
    orders, items = read("olist_orders.csv"), read("olist_order_items.csv")
    totals: Counter[str] = Counter()
    for item in items:
        totals[item["order_id"]] += minor(item["price"]) + minor(item["freight_value"])
    by_month: Counter[str] = Counter()
    by_state: Counter[str] = Counter()
    for order in orders:
        by_month[f"{day(order['order_purchase_timestamp']):%Y-%m}"] += totals[order["order_id"]]
        by_state[STATES[order["order_status"]]] += totals[order["order_id"]]
    assert dict(Order.objects.values_list("state").annotate(sum=Sum("total_minor"))) == by_state
    months = raw.all(
        "SELECT to_char(placed_at AT TIME ZONE 'America/New_York', 'YYYY-MM'), sum(total_minor) FROM orders_order GROUP BY 1"
    )
    assert {month: int(total) for month, total in months} == by_month
    assert (Order.objects.count(), Line.objects.count()) == (855, len(items))
    assert dict(Order.objects.values_list("number", "total_minor")) == totals


def _money_agrees() -> None:
    payments = read("olist_payments.csv")
    by_way: Counter[str] = Counter()
    for payment in payments:
        by_way[payment["payment_type"]] += minor(payment["payment_value"])
    found = dict(
        Receipt.objects.filter(holder__in=WAYS).values_list("holder").annotate(sum=Sum("amount_minor"))
    )
    assert found == by_way
    named = {payment["order_id"] for payment in payments}
    parts = {
        p["order_id"]: int(p["payment_installments"]) for p in payments if int(p["payment_installments"]) > 1
    }
    assert (
        dict(Order.objects.filter(instalment_count__gt=0).values_list("number", "instalment_count")) == parts
    )
    for number, count in parts.items():
        assert Instalment.objects.filter(payment__order_number=number).count() == count
    part_paid = Payment.objects.filter(order_number__in=named, state="part_paid").values_list(
        "amount_minor", "captured_minor"
    )
    assert list(part_paid) == [(22521, 5000)]


def _parcels_agree() -> None:
    orders = read("olist_orders.csv")
    for column, state in (
        ("order_delivered_carrier_date", "handed_over"),
        ("order_delivered_customer_date", "delivered"),
    ):
        at = {o["order_id"]: f"{day(o[column]):%Y-%m-%d %H:%M}" for o in orders if o[column]}
        rows = raw.all(
            "SELECT o.number, to_char(e.at AT TIME ZONE 'America/New_York', 'YYYY-MM-DD HH24:MI') FROM shipping_parcelevent e"
            " JOIN shipping_parcel p ON p.id = e.parcel_id JOIN orders_order o ON o.id = p.order_id WHERE e.state = %s",
            (state,),
        )
        assert dict(rows) == at
    assert ParcelEvent.objects.count() == sum(bool(o["order_delivered_carrier_date"]) for o in orders) + sum(
        bool(o["order_delivered_customer_date"]) for o in orders
    )
