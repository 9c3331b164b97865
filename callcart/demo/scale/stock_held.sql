-- What the lines of the book hold or have taken out, and the documents by which it leaves.
INSERT INTO inventory_reservation (tenant_id, id, order_id, line_id, quantity, state, variant_id, stock_id, warehouse_id, made_at, ended_at)
SELECT %(t)s, pg_temp.key(%(t)s, l.n * 8 + l.k), pg_temp.key(%(t)s, l.n), pg_temp.key(%(t)s, l.n * 8 + l.k), l.quantity,
       CASE b.fulfilment WHEN 'reserved' THEN 'held' WHEN 'released' THEN 'released' ELSE 'shipped' END, pg_temp.key(%(t)s, l.v),
       pg_temp.key(%(t)s, l.v * 2 + b.w), (%(warehouses)s::uuid[])[1 + b.w], b.placed_at,
       CASE WHEN b.fulfilment <> 'reserved' THEN b.placed_at + interval '1 day' END
  FROM book b JOIN book_line l ON l.n = b.n ORDER BY l.n, l.k;
INSERT INTO shipping_dispatch (tenant_id, id, number, order_id, order_number, warehouse_id, state, carrier, service, weight_g, currency,
    cod_minor, made_by, state_by, cancel_reason, version, made_at, state_at)
SELECT %(t)s, pg_temp.key(%(t)s, n), pg_temp.spoken(100000 + n), pg_temp.key(%(t)s, n), number, (%(warehouses)s::uuid[])[1 + w], 'waiting', '', '',
       900, 'USD', CASE method WHEN 'cod' THEN goods + 500 ELSE 0 END, '', '', '', 1, placed_at + interval '3 hours', placed_at + interval '3 hours'
  FROM book WHERE state = 'confirmed' AND fulfilment = 'reserved' AND n %% 10 > 0;
INSERT INTO shipping_dispatchline (tenant_id, id, line_id, variant_id, quantity, dispatch_id)
SELECT %(t)s, pg_temp.key(%(t)s, l.n * 8 + l.k), pg_temp.key(%(t)s, l.n * 8 + l.k), pg_temp.key(%(t)s, l.v), l.quantity, pg_temp.key(%(t)s, l.n)
  FROM book b JOIN book_line l ON l.n = b.n WHERE b.state = 'confirmed' AND b.fulfilment = 'reserved' AND b.n %% 10 > 0;
