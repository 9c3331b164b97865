-- Stock rows at or below their reorder point, counted again: for some SKUs, or (NULL) for all. Reorder point = demand × lead time +
-- safety stock; bought up to demand × (lead time + cover) + safety stock. What waits for an answer or for arrival counts as demand of
-- the warehouse that is asked first. Rows that are low no longer go away.
WITH sold AS (
  SELECT stock_id, -sum(on_hand_change)::bigint AS units FROM inventory_movement
   WHERE kind = 'ship' AND id >= %(since)s AND (%(variants)s::uuid[] IS NULL OR variant_id = ANY(%(variants)s::uuid[]))
   GROUP BY stock_id
), coming AS (
  SELECT l.variant_id, l.warehouse_id, sum(CASE WHEN d.state = 'draft' THEN l.expected ELSE l.open_units END)::bigint AS units
    FROM inventory_documentline l JOIN inventory_document d ON d.id = l.document_id
   WHERE d.type = 'stock_in' AND d.ended_at IS NULL AND (d.kind = 'purchase' OR d.state <> 'draft')
     AND (%(variants)s::uuid[] IS NULL OR l.variant_id = ANY(%(variants)s::uuid[]))
   GROUP BY 1, 2
), wished AS (
  SELECT variant_id, sum(quantity)::bigint AS units FROM (
    SELECT variant_id, quantity FROM supply_replenishmentrequest WHERE state = 'asked'
     UNION ALL
    SELECT variant_id, quantity FROM supply_arrivalnotice WHERE state = 'waiting'
  ) w WHERE %(variants)s::uuid[] IS NULL OR variant_id = ANY(%(variants)s::uuid[])
   GROUP BY 1
), first_place AS (
  SELECT DISTINCT ON (s.variant_id) s.id, s.variant_id FROM inventory_stock s JOIN inventory_warehouse w ON w.id = s.warehouse_id
   WHERE w.is_active AND s.variant_id IN (SELECT variant_id FROM wished)
   ORDER BY s.variant_id, w.priority, w.code, s.id
), figures AS (
  SELECT s.id AS stock_id, s.warehouse_id, s.variant_id, coalesce(sold.units, 0) AS sold, s.on_hand - s.allocated AS available,
         s.in_transit + coalesce(coming.units, 0) AS coming, coalesce(wished.units, 0) AS asked, s.safety,
         s.on_hand - s.allocated + s.in_transit + coalesce(coming.units, 0) - coalesce(wished.units, 0) AS position,
         ceil(coalesce(sold.units, 0)::numeric * %(lead)s / %(window)s)::bigint + s.safety AS reorder_point,
         ceil(coalesce(sold.units, 0)::numeric * (%(lead)s + %(cover)s) / %(window)s)::bigint + s.safety AS up_to
    FROM inventory_stock s
    JOIN inventory_warehouse w ON w.id = s.warehouse_id AND w.is_active
    JOIN catalog_variant v ON v.id = s.variant_id AND v.on_sale
    LEFT JOIN sold ON sold.stock_id = s.id
    LEFT JOIN coming ON coming.variant_id = s.variant_id AND coming.warehouse_id = s.warehouse_id
    LEFT JOIN first_place f ON f.id = s.id
    LEFT JOIN wished ON wished.variant_id = f.variant_id
   WHERE %(variants)s::uuid[] IS NULL OR s.variant_id = ANY(%(variants)s::uuid[])
), low AS (
  SELECT *, least(CASE WHEN sold > 0 THEN floor(greatest(available, 0)::numeric * %(window)s / sold) ELSE 0 END, 9999)::int AS days
    FROM figures WHERE position <= reorder_point AND up_to > position AND (reorder_point > 0 OR position < 0)
), gone AS (
  DELETE FROM supply_lowstock l
   WHERE (%(variants)s::uuid[] IS NULL OR l.variant_id = ANY(%(variants)s::uuid[]))
     AND NOT EXISTS (SELECT 1 FROM low WHERE low.stock_id = l.stock_id)
)
INSERT INTO supply_lowstock AS l (id, tenant_id, stock_id, warehouse_id, variant_id, sold, available, coming, asked, safety, position,
    reorder_point, suggested, cover_days, counted_at)
SELECT gen_random_uuid(), %(tenant)s, stock_id, warehouse_id, variant_id, sold, available, coming, asked, safety, position,
       reorder_point, least(up_to - position, 10000000), days, %(now)s
  FROM low ORDER BY stock_id
ON CONFLICT (stock_id) DO UPDATE
   SET sold = EXCLUDED.sold, available = EXCLUDED.available, coming = EXCLUDED.coming, asked = EXCLUDED.asked,
       safety = EXCLUDED.safety, position = EXCLUDED.position, reorder_point = EXCLUDED.reorder_point,
       suggested = EXCLUDED.suggested, cover_days = EXCLUDED.cover_days, counted_at = EXCLUDED.counted_at
RETURNING l.stock_id
