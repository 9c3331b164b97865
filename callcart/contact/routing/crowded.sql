-- Tenants in which somebody waits (system role): one index probe for each lane.
SELECT DISTINCT l.tenant_id FROM routing_lane l
 WHERE EXISTS (SELECT 1 FROM routing_ticket t WHERE t.lane_id = l.id AND t.state = 'waiting')
UNION
SELECT DISTINCT t.tenant_id FROM routing_ticket t WHERE t.lane_id < 0 AND t.state = 'waiting'
