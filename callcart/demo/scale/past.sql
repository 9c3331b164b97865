-- What came of the orders of the book: parcels with what lies in them, receipts, the tills they lie in, refunds owed.
INSERT INTO shipping_parcel (tenant_id, id, number, order_id, carrier, tracking, state, state_at, place, made_at, warehouse_id)
SELECT %(t)s, pg_temp.key(%(t)s, n), pg_temp.spoken(100000 + n), pg_temp.key(%(t)s, n), 'Swift', 'SW' || %(t)s || '-' || n, parcel,
       placed_at + interval '1 day', 'Portland', placed_at + interval '1 day', (%(warehouses)s::uuid[])[1 + w]
  FROM book WHERE parcel <> '' ORDER BY n;
INSERT INTO shipping_parcelline (tenant_id, id, line_id, quantity, parcel_id)
SELECT %(t)s, pg_temp.key(%(t)s, l.n * 8 + l.k), pg_temp.key(%(t)s, l.n * 8 + l.k), l.quantity, pg_temp.key(%(t)s, l.n)
  FROM book b JOIN book_line l ON l.n = b.n WHERE b.parcel <> '' ORDER BY l.n, l.k;
INSERT INTO payments_receipt (tenant_id, id, number, order_id, order_number, method, amount_minor, currency, payer, reference, till_kind,
    holder, received_at, received_by_name, voided_by_name, void_reason, payment_id, source_kind, customer_id, made_at)
SELECT %(t)s, pg_temp.key(%(t)s, n), pg_temp.spoken(100000 + n), pg_temp.key(%(t)s, n), number,
       CASE method WHEN 'cod' THEN 'cod' ELSE 'bank_transfer' END, goods + 500, 'USD', '', '', CASE method WHEN 'cod' THEN 'carrier' ELSE 'bank' END,
       CASE method WHEN 'cod' THEN 'Swift' ELSE '' END, placed_at, '', '', '', pg_temp.key(%(t)s, n), '', pg_temp.key(%(t)s, c), placed_at
  FROM book WHERE payment IN ('paid', 'remitted', 'refund_due') ORDER BY n;
INSERT INTO payments_tillentry (tenant_id, id, till_kind, holder, day, amount_minor, currency, receipt_id, made_at)
SELECT %(t)s, pg_temp.key(%(t)s, n), CASE method WHEN 'cod' THEN 'carrier' ELSE 'bank' END, CASE method WHEN 'cod' THEN 'Swift' ELSE '' END,
       placed_at::date, goods + 500, 'USD', pg_temp.key(%(t)s, n), placed_at
  FROM book WHERE payment IN ('paid', 'remitted', 'refund_due') ORDER BY n;
INSERT INTO payments_refund (tenant_id, id, payment_id, receipt_id, way, payee, asked_by_name, amount_minor, currency, state, reason,
    reference, failure, made_at, changed_at)
SELECT %(t)s, pg_temp.key(%(t)s, n), pg_temp.key(%(t)s, n), pg_temp.key(%(t)s, n), 'bank_transfer', '', '', goods + 500, 'USD', 'due', '', '', '',
       placed_at + interval '5 hours', placed_at + interval '5 hours'
  FROM book WHERE payment = 'refund_due';
