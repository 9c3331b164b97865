-- All stock of some SKUs, locked in ascending id. Rows are read again once the lock is held, so the counts are true.
-- Warehouses out of use give nothing but are locked too: what lies there may be given back.
SELECT s.id, s.variant_id, s.warehouse_id,
       CASE WHEN w.is_active THEN s.on_hand - s.allocated ELSE 0 END,
       s.backorderable AND w.is_active, w.regions, w.priority, w.code, w.name, w.name_zh,
       s.safety, coalesce((SELECT strategy FROM inventory_allocationrules LIMIT 1), 'nearest')
  FROM inventory_stock s
  JOIN inventory_warehouse w ON w.id = s.warehouse_id
 WHERE s.variant_id = ANY(%s)
 ORDER BY s.id
   FOR NO KEY UPDATE OF s
