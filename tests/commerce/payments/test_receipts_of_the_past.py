"""What was captured before there were receipts gets one when the tables are brought up to date; twice does nothing twice."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import psycopg
from django.db import connections

from callcart.commerce.payments.cash import record_collected, record_remitted
from callcart.commerce.payments.models import PaymentMethod, Receipt, Refund, TillEntry
from callcart.commerce.payments.refund import finish_refund, request_refund
from callcart.core.database import parameters
from callcart.core.ids import is_valid_number, next_number
from callcart.core.integrity import find_in
from callcart.core.money import Money
from callcart.core.tenancy import tenant_transaction
from tests.commerce.payments.till import Till

past = import_module("callcart.commerce.payments.migrations.0003_receipts_of_the_past")

# As the tables were before: no receipts, refunds that know their attempt only; a column of later is no hindrance.
_BEFORE = """
ALTER TABLE payments_receipt ALTER source_kind SET DEFAULT '';
DELETE FROM payments_tillentry;
UPDATE payments_refund SET receipt_id = NULL, done_at = NULL, way = 'gateway';
DELETE FROM payments_receipt;
DELETE FROM core_counter WHERE kind = 'receipt';
"""


def test_captures_of_the_past_have_receipts(till: Till) -> None:
    paid, cash = till.owe(5000), till.owe(700, method=PaymentMethod.COD)
    till.tell(till.provider.pay(till.key(till.start(paid))))
    with tenant_transaction(till.tenant_id):
        record_collected(till.boss, cash)
        record_remitted(till.boss, cash, reference="R1")
        request_refund(till.boss, paid, amount=Money(100, "USD"), reason="x", idempotency_key="1")
        (row,) = request_refund(till.boss, cash, amount=Money(50, "USD"), reason="x", idempotency_key="2")
        finish_refund(till.boss, row.id, reference="slip")
    with psycopg.connect(**parameters("owner")) as owner:
        owner.execute("SELECT set_config('callcart.tenant', %s, true)", [str(till.tenant_id)])
        for statement in filter(str.strip, _BEFORE.split(";")):
            owner.execute(statement.encode())
    for _ in range(2):
        past.write_receipts(None, SimpleNamespace(connection=connections["owner"]))
    with tenant_transaction(till.tenant_id):
        receipts = {row.method: row for row in Receipt.objects.all()}
        assert {method: row.amount_minor for method, row in receipts.items()} == {"gateway": 5000, "cod": 700}
        assert receipts["gateway"].holder == "fake" and receipts["cod"].reference == "R1"
        assert all(is_valid_number(row.number) for row in receipts.values())
        assert next_number("receipt") not in {row.number for row in receipts.values()}
        assert {row.receipt.method for row in Refund.objects.select_related("receipt") if row.receipt} == {
            "gateway",
            "cod",
        }
        assert sorted(TillEntry.objects.values_list("amount_minor", flat=True)) == [-50, 700, 5000]
        assert [str(each) for each in find_in("payments")] == []
