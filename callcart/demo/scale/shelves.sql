-- Every SKU in both warehouses: what is held there, and some more; one movement says where it all came from.
INSERT INTO inventory_stock (tenant_id, id, on_hand, allocated, backorderable, variant_id, warehouse_id)
SELECT %(t)s, pg_temp.key(%(t)s, v * 2 + w), coalesce(h.units, 0) + 5 + pg_temp.dice(v * 2 + w, 16, 60), coalesce(h.units, 0), false,
       pg_temp.key(%(t)s, v), (%(warehouses)s::uuid[])[1 + w]
  FROM generate_series(1, %(skus)s::bigint) v CROSS JOIN generate_series(0, 1) w
  LEFT JOIN (SELECT stock_id, sum(quantity)::int AS units FROM inventory_reservation WHERE tenant_id = %(t)s AND state = 'held' GROUP BY stock_id) h
         ON h.stock_id = pg_temp.key(%(t)s, v * 2 + w);
INSERT INTO inventory_movement (tenant_id, id, at, kind, on_hand_change, allocated_change, on_hand_after, allocated_after, document_kind, actor_kind,
    actor_name, channel, reason, variant_id, stock_id, warehouse_id)
SELECT tenant_id, id, %(until)s::timestamptz, 'receive', on_hand, allocated, on_hand, allocated, '', 'system', '', '', 'opening stock', variant_id, id, warehouse_id
  FROM inventory_stock WHERE tenant_id = %(t)s;
INSERT INTO core_counter (tenant_id, kind, value)
SELECT %(t)s, kind, 100001 + %(most)s::bigint FROM unnest(ARRAY['order', 'customer', 'parcel', 'dispatch', 'receipt']) AS kind
    ON CONFLICT (tenant_id, kind) DO UPDATE SET value = greatest(core_counter.value, EXCLUDED.value);
