"""A shop with very many customers, made set-wise by the tables' owner: each with a number, an address, two orders of two
lines, their payments and parcels. Rows go in without secondary indexes and foreign keys, which are built afterwards, as
after a restore: a million customers in minutes, and tables as they are in daily use.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from callcart.core.dsn import connection_parameters

_TABLES = (
    "customers_customer", "customers_phone", "customers_address", "orders_order", "orders_line", "payments_payment",
    "shipping_parcel",
)  # fmt: skip
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
  FROM pg_index i WHERE i.indrelid = %s::regclass
   AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
"""
_FOREIGN_KEYS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE contype = 'f' AND (conrelid = %s::regclass OR confrelid = %s::regclass)
"""
# A row's id is its number, so that no statement has to look another table's rows up.
_ID = "('00000000-0000-7000-8000-' || lpad(to_hex({}), 12, '0'))::uuid"
_CUSTOMER, _ORDER = _ID.format("n"), _ID.format("n * 2 + k")
_PHONE = "'1202' || lpad((100000 + n)::text, 8, '0')"
_PEOPLE = "generate_series(%(from)s::int, %(to)s::int) n"
_ORDERS = f"{_PEOPLE}, generate_series(1, 2) k"

_FILL = (
    f"""INSERT INTO customers_customer (tenant_id, id, number, name, tier, language, consent, custom, note, blocked,
          blocked_because, source, version, search_text, search_grams)
        SELECT %(t)s, {_CUSTOMER}, (100000 + n)::text, 'Customer ' || n, 'gold', 'en', '{{}}', '{{}}', '', false, '', 'import',
               1, '', '{{}}' FROM {_PEOPLE}""",
    f"""INSERT INTO customers_phone (tenant_id, id, customer_id, e164, tail, label, is_primary)
        SELECT %(t)s, {_CUSTOMER}, {_CUSTOMER}, '+' || {_PHONE}, reverse({_PHONE}), '', true FROM {_PEOPLE}""",
    f"""INSERT INTO customers_address (tenant_id, id, customer_id, label, name, phone, country, province, city, district,
          street, postcode, is_default)
        SELECT %(t)s, {_CUSTOMER}, {_CUSTOMER}, '', 'Customer ' || n, '+' || {_PHONE}, 'US', 'Oregon', 'Portland', '',
               '1 Main Street', '97201', true FROM {_PEOPLE}""",
    f"""INSERT INTO orders_order (tenant_id, id, number, state, payment_state, fulfilment_state, version, customer_id, channel,
          language, currency, goods_minor, delivery_minor, total_minor, ship_name, ship_phone, ship_country, ship_province,
          ship_city, ship_district, ship_street, ship_postcode, delivery_method, delivery_name, delivery_name_zh,
          payment_method, instalment_count, agent_name, campaign, note, hold_reason, cancel_reason, placed_at, search_text,
          search_grams)
        SELECT %(t)s, {_ORDER}, (100000 + n)::text || k, 'confirmed', 'due', 'shipped', 1, {_CUSTOMER}, 'web', 'en', 'USD',
               2000, 500, 2500, 'Customer ' || n, '+' || {_PHONE}, 'US', 'Oregon', 'Portland', '', '1 Main Street', '97201',
               'ground', 'Ground', '', 'prepaid', 0, '', '', '', '', '', now() - make_interval(days => k * 10, secs => n), '',
               '{{}}' FROM {_ORDERS}""",
    f"""INSERT INTO orders_line (tenant_id, id, order_id, position, variant_id, sku, name, name_zh, quantity, unit_minor,
          total_minor, weight_g)
        SELECT %(t)s, {_ID.format("(n * 2 + k) * 2 + p")}, {_ORDER}, p, v.id, v.sku, v.name, v.name_zh, 1, 1000, 1000, 0
          FROM {_ORDERS}, generate_series(1, 2) p, catalog_variant v""",
    f"""INSERT INTO payments_payment (tenant_id, id, order_id, order_number, method, state, amount_minor, captured_minor,
          currency, provider, reference, mandate)
        SELECT %(t)s, {_ORDER}, {_ORDER}, (100000 + n)::text || k, 'prepaid', 'due', 2500, 0, 'USD', '', '', ''
          FROM {_ORDERS}""",
    f"""INSERT INTO shipping_parcel (tenant_id, id, number, order_id, carrier, tracking, state, state_at, place)
        SELECT %(t)s, {_ORDER}, (100000 + n)::text || k, {_ORDER}, 'Swift', (100000 + n)::text || k, 'in_transit', now(),
               'Portland' FROM {_ORDERS}""",
)


def phone_of(number: int) -> str:
    """The telephone number of the nth customer, in E.164."""
    return f"+1202{100_000 + number:08d}"


def fill(tenant_id: int, have: int, size: int) -> None:
    """Customers `have + 1` to `size` of a tenant that has one variant to sell."""
    with psycopg.connect(**connection_parameters("owner")) as owner:  # type: ignore[arg-type]
        owner.execute("SELECT set_config('callcart.tenant', %s, true)", (str(tenant_id),))
        owner.execute("SET LOCAL work_mem = '256MB'")
        owner.execute("SET LOCAL maintenance_work_mem = '512MB'")
        owner.execute("SET LOCAL transaction_timeout = 0")
        with _bare_tables(owner):
            for statement in _FILL:
                owner.execute(statement, {"t": tenant_id, "from": have + 1, "to": size})
        owner.commit()
        owner.autocommit = True
        owner.execute("VACUUM ANALYZE")


@contextmanager
def _bare_tables(owner: psycopg.Connection[Any]) -> Iterator[None]:
    """Secondary indexes and foreign keys of the tables dropped inside, and back as they were after it."""
    indexes = [row for table in _TABLES for row in owner.execute(_INDEXES, (table,)).fetchall()]
    keys = {row for table in _TABLES for row in owner.execute(_FOREIGN_KEYS, (table, table)).fetchall()}
    for table, name, _definition in keys:
        owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _definition in indexes:
        owner.execute(f"DROP INDEX {name}")
    yield
    for _name, definition in indexes:
        owner.execute(definition)
    for table, name, definition in keys:
        owner.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
