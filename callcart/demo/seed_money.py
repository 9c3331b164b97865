"""The books of the demo shops: transfers and cash that people wrote down, a bank statement with a line nobody can place, a carrier's
file with a cent missing, and cash that carriers still have.

Done by the public verbs after the trade. Orders that a demo caller asks about are left alone.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from callcart.commerce.orders.models import Order
from callcart.commerce.orders.tracking import orders_of_tracking
from callcart.commerce.payments import finance
from callcart.commerce.payments.models import Payment
from callcart.commerce.payments.unpaid import OPEN
from callcart.core.actor import Actor
from callcart.core.clock import today
from callcart.core.money import Money
from callcart.demo.data import people
from callcart.people.staff.models import Staff
from callcart.people.staff.public import actor_of
from callcart.people.tenants.public import Tenant

WORDS = {
    "US": {"account": "Harbor Savings 0417", "file": "november.csv", "head": "Date,Amount,Payer,Purpose,Reference",
           "stranger": "M. Whitfield", "thanks": "for the blue ones, thank you", "order": "Order", "remit": "COD week 47"},
    "CN": {"account": "西湖银行 6120", "file": "十一月流水.csv", "head": "交易日期,交易金额,对方户名,摘要,流水号",
           "stranger": "周敏", "thanks": "上次的货款，谢谢", "order": "订单", "remit": "代收货款 47周"},
}  # fmt: skip


def seed_money(actor: Actor, tenant: Tenant) -> None:
    """Everything that finance finds on its desk."""
    said = WORDS[tenant.country]
    clerk = Staff.objects.filter(email__startswith="fin@").first()
    hand = actor_of(clerk) if clerk is not None else actor
    known = {each.number for each in people.KNOWN_CALLERS}
    told = set(Order.objects.filter(ship_phone__in=known).values_list("id", flat=True))
    owing = [
        row for row in Payment.objects.filter(state__in=OPEN).order_by("-made_at") if row.order_id not in told
    ]
    _receipts(hand, owing[2:4])
    _statement(hand, tenant, owing[:2], said)
    _carrier(hand, told, said)


def _receipts(hand: Actor, owing: list[Payment]) -> None:
    """One half paid over the counter, one by a transfer that somebody saw in the account."""
    for row, method, part in zip(owing, ("cash", "bank_transfer"), (2, 1), strict=False):
        finance.receive(
            hand, order_id=row.order_id, method=method, amount=Money(row.missing_minor // part, row.currency),
            reference="" if method == "cash" else f"TR{row.order_number}", idempotency_key=f"demo-{row.order_number}",
        )  # fmt: skip


def _statement(hand: Actor, tenant: Tenant, owing: list[Payment], said: dict[str, str]) -> None:
    """A line that is booked, one that is certain, and one that nobody can place."""
    day = today(tenant.timezone) - timedelta(days=1)
    rows = [
        f"{day},{Money(row.missing_minor, row.currency).decimal},{row.payer_name},{said['order']} {row.order_number},F{row.order_number}"
        for row in owing
    ]
    rows.append(f"{day},64.20,{said['stranger']},{said['thanks']},F88120")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "statement.csv"
        path.write_text("\n".join([said["head"], *rows]) + "\n", encoding="utf-8")
        seen = finance.look_at_statement(hand, path, said["file"], account=said["account"])
        taken = finance.take_in_statement(
            hand, path, said["file"], account=said["account"], layout=seen.layout
        )
    if owing:
        finance.book_line(hand, taken.statement.lines.earliest("row").id)


def _carrier(hand: Actor, told: set[UUID], said: dict[str, str]) -> None:
    """The older half of what a carrier has was handed over, a cent short; the rest is owed."""
    debts = finance.owed_by_carriers(hand)
    if not debts:
        return
    rows = [
        row
        for row in finance.carried_orders(hand, carrier=debts[0].carrier, limit=60)
        if row.order_id not in told
    ]
    handed = rows[: len(rows) // 2]
    if not handed:
        return
    lines = ["Order number,COD amount,Fee"]
    for place, row in enumerate(handed):
        amount = Money(row.missing_minor - (place == 0), row.currency)
        lines.append(f"{row.order_number},{amount.decimal},{Money(150, row.currency).decimal}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "remittance.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        seen = finance.look_at_remittance(hand, path, "cod.csv", carrier=debts[0].carrier)
        taken = finance.take_in_remittance(
            hand, path, "cod.csv", carrier=debts[0].carrier, layout=seen.layout, reference=said["remit"],
            resolve=orders_of_tracking,
        )  # fmt: skip
    finance.book_matched(hand, taken.remittance.id)
