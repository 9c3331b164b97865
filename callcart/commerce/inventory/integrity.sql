-- Stock rows whose counts are not what their movements and reservations add up to, reservations on the wrong shelf, and
-- documents that do not agree with what was moved for them.
WITH moved AS (
  SELECT stock_id, sum(on_hand_change) AS on_hand, sum(allocated_change) AS allocated, sum(damaged_change) AS damaged,
         sum(inspecting_change) AS inspecting, sum(in_transit_change) AS in_transit
    FROM inventory_movement GROUP BY stock_id
), held AS (
  SELECT stock_id, sum(quantity) AS units FROM inventory_reservation WHERE state = 'held' GROUP BY stock_id
), counts AS (
  SELECT s.tenant_id, s.id, s.variant_id, s.warehouse_id, coalesce(h.units, 0) AS held, k.name, k.found, k.moved
    FROM inventory_stock s LEFT JOIN moved m ON m.stock_id = s.id LEFT JOIN held h ON h.stock_id = s.id
   CROSS JOIN LATERAL (VALUES
     ('stock on hand against its movements', s.on_hand, coalesce(m.on_hand, 0)),
     ('stock allocated against its movements', s.allocated, coalesce(m.allocated, 0)),
     ('damaged stock against its movements', s.damaged, coalesce(m.damaged, 0)),
     ('stock in quality control against its movements', s.inspecting, coalesce(m.inspecting, 0)),
     ('stock in transit against its movements', s.in_transit, coalesce(m.in_transit, 0)),
     ('stock allocated against what is held', s.allocated, coalesce(h.units, 0))) AS k(name, found, moved)
), under_way AS (
  SELECT d.tenant_id, d.target_id AS warehouse_id, l.variant_id,
         sum(greatest(l.expected - l.received - l.damaged - l.inspecting, 0) - CASE
             WHEN l.expected > l.received + l.damaged + l.inspecting THEN l.explained ELSE 0 END) AS units
    FROM inventory_documentline l JOIN inventory_document d ON d.id = l.document_id
   WHERE d.type = 'transfer' AND d.state IN ('sent', 'part_received', 'received') GROUP BY 1, 2, 3
), came AS (
  SELECT m.document_id, m.variant_id, sum(m.on_hand_change + m.damaged_change + m.inspecting_change) AS units
    FROM inventory_movement m WHERE m.document_kind = 'stock_document' AND m.kind IN ('put', 'arrive') GROUP BY 1, 2
), received AS (
  SELECT tenant_id, document_id, variant_id, sum(received + damaged + inspecting) AS units
    FROM inventory_documentline GROUP BY 1, 2, 3
)
SELECT tenant_id, name, id, found::text, moved::text FROM counts WHERE found <> moved
UNION ALL
SELECT r.tenant_id, 'reservation against its stock row', r.id, r.variant_id::text, s.variant_id::text
  FROM inventory_reservation r JOIN inventory_stock s ON s.id = r.stock_id
 WHERE (r.variant_id, r.warehouse_id, r.tenant_id) IS DISTINCT FROM (s.variant_id, s.warehouse_id, s.tenant_id)
UNION ALL
SELECT s.tenant_id, 'stock in transit against transfers under way', s.id, s.in_transit::text, coalesce(u.units, 0)::text
  FROM inventory_stock s
  LEFT JOIN under_way u ON (u.tenant_id, u.warehouse_id, u.variant_id) = (s.tenant_id, s.warehouse_id, s.variant_id)
 WHERE s.in_transit <> coalesce(u.units, 0)
UNION ALL
SELECT r.tenant_id, 'units received by a document against its movements', r.document_id, r.units::text, coalesce(c.units, 0)::text
  FROM received r LEFT JOIN came c ON (c.document_id, c.variant_id) = (r.document_id, r.variant_id)
 WHERE r.units <> coalesce(c.units, 0)
UNION ALL
SELECT l.tenant_id, 'units still to come against the document', l.id, l.open_units::text, w.units::text
  FROM inventory_documentline l JOIN inventory_document d ON d.id = l.document_id
 CROSS JOIN LATERAL (SELECT CASE WHEN d.type = 'stock_in' AND d.state IN ('open', 'part_received')
   THEN greatest(l.expected - l.received - l.damaged - l.inspecting, 0) ELSE 0 END AS units) AS w
 WHERE l.open_units <> w.units
