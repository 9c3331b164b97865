-- Notices whose held units are not what is reserved for them, and reservations of notices that hold nothing (any more).
WITH kept AS (
  SELECT order_id AS id, tenant_id, sum(quantity) AS units FROM inventory_reservation
   WHERE holder_kind = 'arrival_notice' AND state = 'held' GROUP BY 1, 2
)
SELECT coalesce(n.tenant_id, k.tenant_id), 'units held for an arrival notice', coalesce(n.id, k.id), coalesce(n.held, 0)::text,
       coalesce(k.units, 0)::text
  FROM (SELECT * FROM supply_arrivalnotice WHERE held > 0) n FULL JOIN kept k ON k.id = n.id AND k.tenant_id = n.tenant_id
 WHERE coalesce(n.held, 0) <> coalesce(k.units, 0)
UNION ALL
SELECT r.tenant_id, 'a replenishment request on order without its document', r.id, r.document_id::text, 'a purchase'
  FROM supply_replenishmentrequest r LEFT JOIN inventory_document d ON d.id = r.document_id
 WHERE r.state = 'ordered' AND d.id IS NULL
