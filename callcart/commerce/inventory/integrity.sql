-- Stock rows whose counts are not what their movements and reservations add up to, and reservations on the wrong shelf.
WITH moved AS (
  SELECT stock_id, sum(on_hand_change) AS on_hand, sum(allocated_change) AS allocated FROM inventory_movement GROUP BY stock_id
), held AS (
  SELECT stock_id, sum(quantity) AS units FROM inventory_reservation WHERE state = 'held' GROUP BY stock_id
), counts AS (
  SELECT s.tenant_id, s.id, s.on_hand, s.allocated, coalesce(m.on_hand, 0) AS moved_on_hand,
         coalesce(m.allocated, 0) AS moved_allocated, coalesce(h.units, 0) AS held
    FROM inventory_stock s LEFT JOIN moved m ON m.stock_id = s.id LEFT JOIN held h ON h.stock_id = s.id
)
SELECT tenant_id, 'stock on hand against its movements', id, on_hand::text, moved_on_hand::text
  FROM counts WHERE on_hand <> moved_on_hand
UNION ALL
SELECT tenant_id, 'stock allocated against its movements', id, allocated::text, moved_allocated::text
  FROM counts WHERE allocated <> moved_allocated
UNION ALL
SELECT tenant_id, 'stock allocated against what is held', id, allocated::text, held::text
  FROM counts WHERE allocated <> held
UNION ALL
SELECT r.tenant_id, 'reservation against its stock row', r.id, r.variant_id::text, s.variant_id::text
  FROM inventory_reservation r JOIN inventory_stock s ON s.id = r.stock_id
 WHERE (r.variant_id, r.warehouse_id, r.tenant_id) IS DISTINCT FROM (s.variant_id, s.warehouse_id, s.tenant_id)
