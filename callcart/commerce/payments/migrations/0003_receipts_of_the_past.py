"""What was captured before there were receipts gets one: each captured attempt, and cash that carriers handed over. Refunds find
the receipt they were given back of. Nothing is done twice: rows that have their receipt are passed over."""

from itertools import groupby

from django.db import migrations

from callcart.core.ids import check_digit, new_id

BATCH = 5000

_CAPTURES = """
SELECT p.tenant_id, p.id, p.order_id, p.order_number, a.id, 'gateway', a.captured_minor, p.currency,
       coalesce(a.reference, ''), 'gateway', a.provider, a.changed_at
  FROM payments_payment p JOIN payments_attempt a ON a.payment_id = p.id
 WHERE a.state = 'captured' AND a.captured_minor > 0
   AND NOT EXISTS (SELECT 1 FROM payments_receipt r WHERE r.attempt_id = a.id)
UNION ALL
SELECT p.tenant_id, p.id, p.order_id, p.order_number, NULL, 'cod', p.captured_minor, p.currency,
       p.reference, 'carrier', '', p.changed_at
  FROM payments_payment p
 WHERE p.method = 'cod' AND p.captured_minor > 0
   AND NOT EXISTS (SELECT 1 FROM payments_receipt r WHERE r.payment_id = p.id)
 ORDER BY 1, 12
"""

_INSERT = """
INSERT INTO payments_receipt (tenant_id, payment_id, order_id, order_number, attempt_id, method, amount_minor, currency,
  reference, till_kind, holder, received_at, id, number, payer, received_by_name, voided_by_name, void_reason, made_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '', '', '', '', now())
"""

_REFUNDS = """
UPDATE payments_refund f SET receipt_id = r.id FROM payments_receipt r
 WHERE f.receipt_id IS NULL AND r.payment_id = f.payment_id AND r.attempt_id IS NOT DISTINCT FROM f.attempt_id;
UPDATE payments_refund SET way = 'cash' WHERE attempt_id IS NULL AND way = 'gateway';
UPDATE payments_refund SET done_at = changed_at WHERE state = 'done' AND done_at IS NULL;
"""

_ENTRIES = """
INSERT INTO payments_tillentry (tenant_id, id, till_kind, holder, day, amount_minor, currency, receipt_id, made_at)
SELECT r.tenant_id, gen_random_uuid(), r.till_kind, r.holder, (r.received_at AT TIME ZONE t.timezone)::date, r.amount_minor,
       r.currency, r.id, now()
  FROM payments_receipt r JOIN tenants_tenant t ON t.id = r.tenant_id
 WHERE NOT EXISTS (SELECT 1 FROM payments_tillentry e WHERE e.receipt_id = r.id);
INSERT INTO payments_tillentry (tenant_id, id, till_kind, holder, day, amount_minor, currency, refund_id, made_at)
SELECT f.tenant_id, gen_random_uuid(), r.till_kind, r.holder, (f.done_at AT TIME ZONE t.timezone)::date, -f.amount_minor,
       f.currency, f.id, now()
  FROM payments_refund f JOIN payments_receipt r ON r.id = f.receipt_id JOIN tenants_tenant t ON t.id = f.tenant_id
 WHERE f.state = 'done' AND NOT EXISTS (SELECT 1 FROM payments_tillentry e WHERE e.refund_id = f.id);
"""

_WHO = """
UPDATE payments_payment p SET customer_id = o.customer_id, payer_name = o.ship_name, taken_by = o.agent_id
  FROM orders_order o WHERE o.id = p.order_id AND p.payer_name = '';
UPDATE payments_receipt r SET customer_id = p.customer_id, payer = p.payer_name FROM payments_payment p
 WHERE p.id = r.payment_id AND r.payer = '' AND p.payer_name <> '';
"""

_COUNTER = """
INSERT INTO core_counter (tenant_id, kind, value) VALUES (%s, 'receipt', %s)
ON CONFLICT (tenant_id, kind) DO UPDATE SET value = greatest(core_counter.value, excluded.value)
"""


def write_receipts(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_CAPTURES)
        found = cursor.fetchall()
        for tenant_id, rows in groupby(found, key=lambda row: row[0]):
            cursor.execute("SELECT max(number::bigint / 10) FROM payments_receipt WHERE tenant_id = %s", [tenant_id])
            value = (cursor.fetchone()[0] or 999) + 1
            batch = []
            for row in rows:
                batch.append((*row, new_id(), f"{value}{check_digit(str(value))}"))
                value += 1
                if len(batch) == BATCH:
                    cursor.executemany(_INSERT, batch)
                    batch.clear()
            cursor.executemany(_INSERT, batch)
            cursor.execute(_COUNTER, [tenant_id, value])
        cursor.execute(_REFUNDS)
        cursor.execute("SELECT to_regclass('orders_order') IS NOT NULL")
        if cursor.fetchone()[0]:
            cursor.execute(_WHO)
        cursor.execute(_ENTRIES)


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0002_receipts'),
        ('core', '0001_initial'),
        ('tenants', '0001_initial'),
    ]

    operations = [migrations.RunPython(write_receipts, migrations.RunPython.noop)]
