-- Change counts of stock rows that are locked, and write a movement for each, in one statement.
WITH wanted AS (
  SELECT * FROM unnest(%(stock)s::uuid[], %(movement)s::uuid[], %(on_hand)s::int[], %(allocated)s::int[], %(damaged)s::int[],
                       %(inspecting)s::int[], %(in_transit)s::int[], %(reasons)s::text[])
      AS w(stock_id, movement_id, on_hand, allocated, damaged, inspecting, in_transit, reason)
), counted AS (
  UPDATE inventory_stock s
     SET on_hand = s.on_hand + w.on_hand, allocated = s.allocated + w.allocated, damaged = s.damaged + w.damaged,
         inspecting = s.inspecting + w.inspecting, in_transit = s.in_transit + w.in_transit
    FROM wanted w WHERE s.id = w.stock_id
  RETURNING s.id, s.warehouse_id, s.variant_id, s.on_hand AS on_hand_after, s.allocated AS allocated_after, w.*
)
INSERT INTO inventory_movement (id, tenant_id, kind, stock_id, warehouse_id, variant_id, on_hand_change, allocated_change,
    damaged_change, inspecting_change, in_transit_change, on_hand_after, allocated_after, document_kind, document_id,
    actor_kind, actor_id, actor_name, channel, reason)
SELECT movement_id, %(tenant)s, %(kind)s, id, warehouse_id, variant_id, on_hand, allocated, damaged, inspecting, in_transit,
       on_hand_after, allocated_after, %(document_kind)s, %(document)s, %(actor_kind)s, %(actor_id)s, %(actor_name)s,
       %(channel)s, reason
  FROM counted ORDER BY movement_id
RETURNING stock_id
