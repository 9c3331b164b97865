-- Promise units: the counts, one movement for each, and the reservations of the lines, in one statement.
WITH wanted AS (
  SELECT * FROM unnest(%(stock)s::uuid[], %(units)s::int[], %(movement)s::uuid[]) AS w(stock_id, units, movement_id)
), counted AS (
  UPDATE inventory_stock s SET allocated = s.allocated + w.units
    FROM wanted w WHERE s.id = w.stock_id
  RETURNING s.id, s.warehouse_id, s.variant_id, s.on_hand, s.allocated, w.units, w.movement_id
), moved AS (
  INSERT INTO inventory_movement (id, tenant_id, kind, stock_id, warehouse_id, variant_id, on_hand_change,
      allocated_change, on_hand_after, allocated_after, document_kind, document_id, actor_kind, actor_id,
      actor_name, channel, reason)
  SELECT movement_id, %(tenant)s, 'reserve', id, warehouse_id, variant_id, 0, units, on_hand, allocated, %(holder)s,
      %(order)s, %(actor_kind)s, %(actor_id)s, %(actor_name)s, %(channel)s, %(reason)s
    FROM counted
)
INSERT INTO inventory_reservation AS r (id, tenant_id, holder_kind, order_id, line_id, stock_id, warehouse_id, variant_id, quantity,
    state)
SELECT t.id, %(tenant)s, %(holder)s, %(order)s, t.line_id, t.stock_id, t.warehouse_id, t.variant_id, t.quantity, 'held'
  FROM unnest(%(r_id)s::uuid[], %(r_line)s::uuid[], %(r_stock)s::uuid[], %(r_warehouse)s::uuid[],
              %(r_variant)s::uuid[], %(r_quantity)s::int[])
       AS t(id, line_id, stock_id, warehouse_id, variant_id, quantity)
ON CONFLICT (line_id, stock_id) WHERE state = 'held' DO UPDATE SET quantity = r.quantity + EXCLUDED.quantity
RETURNING id, line_id, stock_id, warehouse_id, variant_id, quantity
