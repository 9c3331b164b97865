-- The tenants that have something to send, one index probe each. For the system role, which sees all.
WITH RECURSIVE t AS (
  (SELECT tenant_id FROM messaging_delivery WHERE state = 'waiting' ORDER BY tenant_id LIMIT 1)
  UNION ALL
  SELECT (SELECT d.tenant_id FROM messaging_delivery d WHERE d.state = 'waiting' AND d.tenant_id > t.tenant_id
           ORDER BY d.tenant_id LIMIT 1)
    FROM t WHERE t.tenant_id IS NOT NULL)
SELECT tenant_id FROM t WHERE tenant_id IS NOT NULL
